import { KeepsakeError } from "../../errors.js";
import { readSoundFile } from "../../media/sound/sound-file.js";
import type { PlannedCue } from "./inspection-plan.js";

export interface CueWatch extends AsyncDisposable {
  /** @param interleaved the film's next samples, stereo */
  push(interleaved: Float32Array): Promise<void>;
  /**
   * Returns the first cue that is not heard completely at its place.
   *
   * @returns `fromSample` counts in the film; `isSilent` is true where there is silence instead
   */
  firstMissing(): {
    readonly cue: PlannedCue;
    readonly fromSample: number;
    readonly isSilent: boolean;
  } | null;
}

const samplesPerWindow = 24_000;
/** Sound is compared below 3 kHz: above that, the encoder may replace noise by other noise. */
const samplesPerStep = 8;
/** The channels have different weights, so that sound of opposite phase left and right does not cancel out. */
const rightShare = 0.6;
/** Parts of a cue that are more than 15 dB softer than its loudest part (a ratio of power) are not checked. */
const minShare = 10 ** -1.5;
/** A last window with fewer steps than this is too short to be compared. */
const minSteps = 600;
/** Correlation of the film with the cue: a cue alone has 1, under a bed of equal power 0.7, another voice 0.1. */
const minCorrelation = 0.5;
/** -60 dBFS, as a power. */
const silencePower = 1e-6;

interface Window {
  film: number;
  cue: number;
  both: number;
  steps: number;
}

/**
 * Checks that each cue is heard completely and where it was planned. In every half second the film must correlate with
 * the cue, at any gain. Sound under it (music) may be as loud, but not louder.
 *
 * @param cues not overlapping
 */
export function openCueWatch(cues: readonly PlannedCue[]): CueWatch {
  const waiting = cues.filter(({ isAudible }) => isAudible).toSorted((a, b) => a.firstSample - b.firstSample);
  const checked = waiting.map((cue) => ({ cue, windows: [] as Window[] }));
  let next = 0;
  let position = 0;
  let comparison: Comparison | null = null;

  return {
    async push(interleaved) {
      const end = position + interleaved.length / 2;
      while (position < end) {
        const due = checked[next];
        if (due === undefined) break;
        const { firstSample, sampleCount } = due.cue;
        if (firstSample >= end) break;
        comparison ??= openComparison(due.cue, due.windows);
        const from = Math.max(position, firstSample);
        const to = Math.min(end, firstSample + sampleCount);
        await comparison.push(
          interleaved.subarray(interleaved.length - 2 * (end - from), interleaved.length - 2 * (end - to)),
        );
        position = to;
        if (to < firstSample + sampleCount) break;
        await comparison.close();
        comparison = null;
        next += 1;
      }
      position = end;
    },
    firstMissing() {
      for (const { cue, windows } of checked) {
        const loudest = Math.max(0, ...windows.map((window) => window.cue / window.steps));
        const index = windows.findIndex(
          (window) =>
            window.steps >= Math.min(minSteps, windows[0]?.steps ?? 0) &&
            window.cue / window.steps >= minShare * loudest &&
            window.both < minCorrelation * Math.sqrt(window.film * window.cue + Number.MIN_VALUE),
        );
        const window = windows[index];
        if (window === undefined) continue;
        const isSilent = window.film / window.steps < silencePower;
        return { cue, fromSample: cue.firstSample + index * samplesPerWindow, isSilent };
      }
      return null;
    },
    async [Symbol.asyncDispose]() {
      await comparison?.close();
    },
  };
}

interface Comparison {
  push(interleaved: Float32Array): Promise<void>;
  close(): Promise<void>;
}

function openComparison(cue: PlannedCue, windows: Window[]): Comparison {
  const pieces = readSoundFile(cue.path);
  let piece: Float32Array = new Float32Array();
  let used = 0;
  let sample = 0;
  let filmStep = 0;
  let cueStep = 0;
  let window: Window | null = null;
  return {
    async push(film) {
      for (let index = 0; index < film.length; index += 2) {
        if (used >= piece.length) {
          const { value, done } = await pieces.next();
          if (done === true) {
            throw new KeepsakeError(
              "sound-file-short",
              "A prepared sound file is shorter than its asset says.",
            );
          }
          piece = value;
          used = 0;
        }
        if (sample % samplesPerWindow === 0) {
          window = { film: 0, cue: 0, both: 0, steps: 0 };
          windows.push(window);
        }
        filmStep += (film[index] as number) + rightShare * (film[index + 1] as number);
        cueStep += (piece[used] as number) + rightShare * (piece[used + 1] as number);
        used += 2;
        sample += 1;
        if (sample % samplesPerStep > 0 || window === null) continue;
        filmStep /= samplesPerStep;
        cueStep /= samplesPerStep;
        window.film += filmStep * filmStep;
        window.cue += cueStep * cueStep;
        window.both += filmStep * cueStep;
        window.steps += 1;
        filmStep = 0;
        cueStep = 0;
      }
    },
    async close() {
      await pieces.return(undefined);
    },
  };
}
