import type { ClipAsset } from "../../media/asset.js";

/**
 * A drawn scene: what the painter needs to paint any of its frames. All pictures are files of planar YUV in
 * BT.709 limited range, 8 bit, drawn once and then only moved, blended and laid over each other.
 *
 * Picture file (`.i420`): Y (width × height), U and V (half each way), tightly packed, width and height even.
 * Overlay file (`.overlay`): Y, U, V as above, then alpha (width × height), then alpha of the chroma samples
 * (half each way); colours not premultiplied.
 */
export interface SceneLayers {
  readonly background: Background;
  /** A clip painted over the background, under the overlays. */
  readonly clip: ClipPlacement | null;
  readonly overlays: readonly Overlay[];
}

export interface Background {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  /** Null for a picture of exactly the frame's size that does not move. */
  readonly motion: Motion | null;
}

/** A camera move over the scene, eased in and out; `scale` is picture pixels per frame pixel (0.5 to 1.15). */
export interface Motion {
  readonly from: CameraPose;
  readonly to: CameraPose;
  /** Absent for a move that is eased over the whole scene. */
  readonly pace?: SteadyPace;
}

/** A move at one speed, between two rests. */
export interface SteadyPace {
  /** Frames that the camera rests at each end. */
  readonly restFrames: number;
  /** Frames in which it reaches its speed, and in which it slows down again. */
  readonly rampFrames: number;
}

/** The centre of the frame in picture pixels (edge coordinates: 0 is the left edge of the first pixel). */
export interface CameraPose {
  readonly centreX: number;
  readonly centreY: number;
  readonly scale: number;
}

export interface ClipPlacement {
  readonly asset: ClipAsset;
  /** Even pixels of the frame. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Frame of the scene that shows the clip's first picture as it starts to move. */
  readonly firstFrame: number;
  readonly frameCount: number;
  /** The area around the clip is the clip itself, enlarged and blurred, following the clip; null where there is none. */
  readonly fill: ClipFill | null;
}

/** How much of the clip's light and colour its fill keeps, 0 to 1, and the Y, U and V it is drawn towards. */
export interface ClipFill {
  readonly towards: readonly [number, number, number];
  readonly share: number;
}

export interface Overlay {
  readonly path: string;
  /** Even pixels of the frame. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Fades in over `fadeFrames` from this frame of the scene on; 0 and 0 for what is there from the start. */
  readonly firstFrame: number;
  readonly fadeFrames: number;
  /** Uncovered evenly from left to right over these frames of the scene: the part of a waveform already heard. */
  readonly reveal: { readonly firstFrame: number; readonly frameCount: number } | null;
}
