import type { Scene } from "./scene.js";
import type { SceneLayers } from "./scene-layers.js";

/** Consecutive whole frames. */
export interface FrameSpan {
  readonly firstFrame: number;
  readonly frameCount: number;
}

/** Whether a span includes a frame. */
export function includesFrame({ firstFrame, frameCount }: FrameSpan, frame: number): boolean {
  return frame >= firstFrame && frame < firstFrame + frameCount;
}

/** A drawn scene at its place in the film. Neighbours overlap by the dissolve; other scenes do not touch. */
export interface PlacedScene extends FrameSpan {
  readonly layers: SceneLayers;
}

/**
 * Everything that one segment shows: `frameCount` frames from `firstFrame` on. What is painted must not depend on
 * anything else, and above all not on the segment's position in the film: the cache serves the same segment to other
 * films.
 */
export interface PaintPlan<S extends FrameSpan = PlacedScene> extends FrameSpan {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Scenes in film order. Those that the segment does not show are allowed and ignored. */
  readonly scenes: readonly S[];
  readonly dissolveFrames: number;
  /** These spans begin with the film's first frame and end with its last; null where the segment has no such fade. */
  readonly fadeFromBlack: FrameSpan | null;
  readonly fadeToBlack: FrameSpan | null;
}

/** One segment of a film before anything of it is drawn. */
export interface PlannedSegment {
  /** Index in the film, from 0. */
  readonly index: number;
  /** First frame of the segment in the film. */
  readonly firstFrame: number;
  /**
   * A hash of everything that the pictures depend on: the content of the scenes (media by the hash of their bytes),
   * their lengths, the segment's position within them, and the picture settings. Segments with the same key have the
   * same pictures, in any film.
   */
  readonly pictureKey: string;
  /** Its frames are counted from the segment's first, so that the position in the film makes no difference. */
  readonly plan: PaintPlan<Scene>;
}

/** An MP4 of one H.264 track: the frames of a segment from time 0 on, in closed groups of two seconds. */
export interface EncodedSegment {
  readonly path: string;
  /** Path of the thumbnails of the frames that were handed to the encoder (`inspection/thumbnail.ts`). */
  readonly thumbnails: string;
  readonly frameCount: number;
}

/** An encoded segment that was decoded completely and found to show what was painted. */
export interface InspectedSegment extends EncodedSegment {
  /** Digest of the decoded packets (`inspection/packet-digest.ts`): the same packets need not be decoded again. */
  readonly digest: string;
  readonly sizeBytes: number;
}

/** Paths of the files that painting a segment reads. */
export function paintedPathsOf({ scenes }: Pick<PaintPlan, "scenes">): readonly string[] {
  return scenes.flatMap(({ layers: { background, overlays, clip } }) => [
    background.path,
    ...overlays.map((overlay) => overlay.path),
    ...(clip === null ? [] : [clip.asset.path]),
  ]);
}
