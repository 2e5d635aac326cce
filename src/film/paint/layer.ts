import type { Frame } from "../../kernel/frame.js";

/** One layer of a scene, painted over those below it. */
export interface Layer extends AsyncDisposable {
  /** Prepares the pictures that the frame shows, in layers that decode them over time. */
  advance?(sceneFrame: number): Promise<void>;
  /** Two frames of the scene look the same where this value is equal (as JSON). */
  stateAt(sceneFrame: number): unknown;
  paint(target: Frame, sceneFrame: number): void;
}
