import type { Frame } from "../../kernel/frame.js";

/** One of the things a scene is made of, painted over those below it. */
export interface Layer extends AsyncDisposable {
  /** Waits for what the frame shows, where that comes over time. */
  advance?(sceneFrame: number): Promise<void>;
  /** Equal (as JSON) for two frames of the scene means that they state the same. */
  stateAt(sceneFrame: number): unknown;
  paint(target: Frame, sceneFrame: number): void;
}
