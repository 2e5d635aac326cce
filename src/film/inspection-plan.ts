import { type FilmSettings, samplesPerFrame } from "./film-settings.js";
import type { Scene } from "./scene.js";
import type { Storyboard } from "./storyboard.js";

/** What a finished film must be: follows from the storyboard alone, never from how the film was made. */
export interface InspectionPlan {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frameCount: number;
  readonly samplesPerFrame: number;
  readonly chapters: readonly PlannedChapter[];
  readonly hasCaptions: boolean;
  /** Frames that may be black: fades, and pictures of contributors that no words of ours lie over. */
  readonly blackRanges: readonly FrameRange[];
  /** Frames that may stand still. */
  readonly stillRanges: readonly FrameRange[];
  /** Where something must be heard. */
  readonly soundRanges: readonly SampleRange[];
  /** There is a voice, so the film must be as loud as promised. */
  readonly levelled: boolean;
}

export interface PlannedChapter {
  readonly title: string;
  readonly firstFrame: number;
  readonly frameCount: number;
}

export interface FrameRange {
  readonly firstFrame: number;
  readonly frameCount: number;
}

export interface SampleRange {
  readonly firstSample: number;
  readonly sampleCount: number;
}

/** @param levelled there is a voice in the mixed sound, not only silence or noise */
export function planInspection(
  storyboard: Storyboard,
  settings: FilmSettings,
  levelled: boolean,
): InspectionPlan {
  const { frameCount, scenes, chapters, captions, soundCues } = storyboard;
  const { fadeFromBlackFrames, fadeToBlackFrames } = storyboard;
  return {
    width: settings.width,
    height: settings.height,
    fps: settings.fps,
    frameCount,
    samplesPerFrame: samplesPerFrame(settings),
    chapters: chapters.map(({ title, firstFrame, frameCount: frames }) => ({
      title,
      firstFrame,
      frameCount: frames,
    })),
    hasCaptions: captions.length > 0,
    blackRanges: [
      { firstFrame: 0, frameCount: fadeFromBlackFrames },
      { firstFrame: frameCount - fadeToBlackFrames, frameCount: fadeToBlackFrames },
      ...scenes.filter(mayBeBlack),
    ].map(rangeOf),
    stillRanges: scenes.filter((scene) => !moves(scene)).map(rangeOf),
    soundRanges: soundCues.flatMap(({ sound, firstSample }) =>
      sound.integratedLufs === null ? [] : [{ firstSample, sampleCount: sound.sampleCount }],
    ),
    levelled,
  };
}

function rangeOf({ firstFrame, frameCount }: FrameRange): FrameRange {
  return { firstFrame, frameCount };
}

/** People film in the dark, and clips fade to black. */
function mayBeBlack({ content }: Scene): boolean {
  if (content.kind === "clip") return true;
  return content.kind === "photo" && content.name === null && content.words === null;
}

/** Photos drift. While words are read beside them, so slowly that it cannot be told from standing still. */
function moves({ content }: Scene): boolean {
  return content.kind === "photo" && content.words === null;
}
