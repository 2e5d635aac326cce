import type { CueWords } from "./split-cues.js";

/** What is shown at one time. */
export interface Caption {
  readonly firstFrame: number;
  readonly frameCount: number;
  /** At most two lines, with a line feed between them. */
  readonly text: string;
  /** Who says it; null for written words, and where nobody is named. */
  readonly speaker: string | null;
}

/** Words with the frames in which they are read or said. */
export interface TimedCue extends CueWords {
  readonly firstFrame: number;
  readonly endFrame: number;
  readonly speaker: string | null;
}

/** Frames from `firstFrame` up to but not with `endFrame`. */
interface CueBounds {
  readonly firstFrame: number;
  readonly endFrame: number;
}

/** What a viewer reads with ease: Latin characters a second, and what no cue should be shorter than. */
const widthPerSecond = 17;
const minSeconds = 1;
/** A cue comes later than its words rather than flash by for less than this. */
const shortestSeconds = 0.7;
/** A shorter gap between two cues only flickers. */
const gapSeconds = 0.5;

/** Gives each cue of written words a share of the span by its length. */
export function spreadCues(cues: readonly CueWords[], { firstFrame, endFrame }: CueBounds): TimedCue[] {
  // A short cue takes a moment to be found at all.
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
 * Makes cues that can be shown one after the other within the bounds: in order, none overlapping, each as long as it
 * takes to read where there is time, none so short that it flashes by unless there are too many for the bounds.
 * Where there are more cues than frames, some are shown together.
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

function joinSurplus(cues: readonly TimedCue[], most: number): TimedCue[] {
  if (cues.length <= most) return [...cues];
  const together = Math.ceil(cues.length / most);
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
