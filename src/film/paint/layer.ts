import type { Frame } from "../../kernel/frame.js";

/** One layer of a scene, painted over those below it. */
export interface Layer extends AsyncDisposable {
  /** Waits for what the frame shows, in layers that decode pictures over time. */
  advance?(sceneFrame: number): Promise<void>;
  /** Two frames of the scene look the same where this value is equal (as JSON). */
  stateAt(sceneFrame: number): unknown;
  paint(target: Frame, sceneFrame: number): void;
}
