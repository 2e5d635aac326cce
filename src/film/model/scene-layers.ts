import type { ClipAsset } from "../../media/asset.js";

/**
 * The layers of a drawn scene: everything that the painter needs for any of its frames. All pictures are files of
 * planar YUV in BT.709 limited range, 8 bit. They are drawn once, and then only moved, blended and laid over each
 * other.
 *
 * Picture file (`.i420`): Y (width × height), U and V (half each way), tightly packed, width and height even.
 * Overlay file (`.overlay`): Y, U, V as above, then alpha (width × height), then alpha of the chroma samples (half
 * each way); colours not premultiplied.
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

/** A camera move over the scene. `scale` is picture pixels per frame pixel (0.5 to 1.15). */
export interface Motion {
  readonly from: CameraPose;
  readonly to: CameraPose;
  /** Absent for a move that is eased over the whole scene. */
  readonly pace?: SteadyPace;
}

/** A move at constant speed between two rests. */
export interface SteadyPace {
  /** Frames that the camera rests at each end. */
  readonly restFrames: number;
  /** Frames in which it accelerates, and in which it slows down again. */
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
  /** Place in the frame, in even pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Frame of the scene on which the clip starts to move. */
  readonly firstFrame: number;
  readonly frameCount: number;
  /**
   * The fill of the area around the clip: the moving clip itself, enlarged and blurred; null where there is no such
   * area.
   */
  readonly fill: ClipFill | null;
}

/** Mix of a fill: the share of the clip's light and colour, 0 to 1, and the Y, U and V that make up the rest. */
export interface ClipFill {
  readonly towards: readonly [number, number, number];
  readonly share: number;
}

export interface Overlay {
  readonly path: string;
  /** Place in the frame, in even pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /**
   * Fades in over `fadeFrames` from this frame of the scene on; 0 and 0 for an overlay that is there from the start.
   */
  readonly firstFrame: number;
  readonly fadeFrames: number;
  /** Uncovers the overlay evenly from left to right over these frames of the scene, as the waveform of a voice. */
  readonly reveal: { readonly firstFrame: number; readonly frameCount: number } | null;
}
