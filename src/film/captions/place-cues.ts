import type { CueWords } from "./split-cues.js";

/** Text that is shown at one time. */
export interface Caption {
  readonly firstFrame: number;
  readonly frameCount: number;
  /** At most two lines, with a line feed between them. */
  readonly text: string;
  /** Name of the speaker; null for written words, and where nobody is named. */
  readonly speaker: string | null;
}

/** Words with the frames in which they are read or spoken. */
export interface TimedCue extends CueWords {
  readonly firstFrame: number;
  readonly endFrame: number;
  readonly speaker: string | null;
}

/** Frames from `firstFrame` up to but not including `endFrame`. */
interface CueBounds {
  readonly firstFrame: number;
  readonly endFrame: number;
}

/** Comfortable reading speed in Latin characters per second, and the minimum length of a cue. */
const widthPerSecond = 17;
const minSeconds = 1;
/** A cue starts later than its words if it would otherwise be shorter than this. */
const shortestSeconds = 0.7;
/** A shorter gap between two cues would only flicker. */
const gapSeconds = 0.5;

/** Gives each cue of written words a share of the span in proportion to its length. */
export function spreadCues(cues: readonly CueWords[], { firstFrame, endFrame }: CueBounds): TimedCue[] {
  // Even a short cue takes a moment to be noticed.
  const weights = cues.map(({ width }) => width + 8);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  return cues.map((cue, index) => {
    const first = firstFrame + Math.round(((endFrame - firstFrame) * before) / total);
    before += weights[index] as number;
    const end = firstFrame + Math.round(((endFrame - firstFrame) * before) / total);
    return { ...cue, firstFrame: first, endFrame: end, speaker: null };
  });
}

/**
 * Places cues within the bounds so that they can be shown one after the other: in order, not overlapping, each as
 * long as its reading takes where there is time, and none too short unless there are too many. Where there are more
 * cues than frames, some are shown together.
 */
export function placeCues(timed: readonly TimedCue[], bounds: CueBounds, fps: number): Caption[] {
  const available = bounds.endFrame - bounds.firstFrame;
  const cues = joinSurplus(timed, Math.max(1, available));
  if (cues.length === 0 || available < 1) return [];
  const shortest = Math.max(
    1,
    Math.min(Math.round(shortestSeconds * fps), Math.floor(available / cues.length)),
  );
  const starts: number[] = [];
  for (const [index, { firstFrame }] of cues.entries()) {
    const earliest = index === 0 ? bounds.firstFrame : (starts[index - 1] as number) + shortest;
    const latest = bounds.endFrame - (cues.length - index) * shortest;
    starts.push(Math.min(Math.max(firstFrame, earliest), latest));
  }
  return cues.map(({ endFrame, text, width, speaker }, index) => {
    const firstFrame = starts[index] as number;
    const next = starts[index + 1] ?? bounds.endFrame;
    const reading = Math.round(Math.max(minSeconds, width / widthPerSecond) * fps);
    const wanted = Math.max(endFrame, firstFrame + reading);
    const isLast = index === cues.length - 1;
    const end = !isLast && next - wanted < gapSeconds * fps ? next : Math.min(wanted, next);
    return { firstFrame, frameCount: end - firstFrame, text, speaker };
  });
}

function joinSurplus(cues: readonly TimedCue[], maxCount: number): TimedCue[] {
  if (cues.length <= maxCount) return [...cues];
  const together = Math.ceil(cues.length / maxCount);
  return Array.from({ length: Math.ceil(cues.length / together) }, (_, index) => {
    const group = cues.slice(index * together, (index + 1) * together);
    return {
      text: group.map(({ text }) => text).join("\n"),
      width: group.reduce((sum, { width }) => sum + width, 0),
      firstFrame: (group[0] as TimedCue).firstFrame,
      endFrame: (group.at(-1) as TimedCue).endFrame,
      speaker: (group[0] as TimedCue).speaker,
    };
  });
}
