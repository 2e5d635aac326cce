import {
  findMisplaced,
  levelsPerSecond,
  scaleLevel,
  toLevel,
  type Misplaced,
} from "../../media/sound/sound-levels.js";
import type { PlannedCue } from "./inspection-plan.js";
import { sampleRate } from "../../media/sound/sound-format.js";
import { ease } from "../model/ease.js";

export interface TimesWatch {
  /** @param interleaved the film's next samples, stereo */
  push(interleaved: Float32Array): void;
  /** Returns the first cue that is not heard at the times in its own file, and where in it. */
  firstMisplaced(): { readonly cue: PlannedCue; readonly misplaced: Misplaced } | null;
}

const samplesPerLevel = sampleRate / levelsPerSecond;

interface CheckedCue {
  readonly cue: PlannedCue;
  readonly levels: Uint8Array;
  readonly file: Uint8Array;
}

/**
 * Checks that each cue is heard in the film at the times that the timestamps of its own file define. What was
 * prepared from the file is not used.
 *
 * @param cues not overlapping
 */
export function createTimesWatch(cues: readonly PlannedCue[]): TimesWatch {
  const checked: CheckedCue[] = [];
  for (const cue of cues) {
    if (cue.fileLevels === null || !cue.isAudible) continue;
    const levels = new Uint8Array(Math.floor(cue.sampleCount / samplesPerLevel));
    checked.push({ cue, levels, file: fadeEdges(Buffer.from(cue.fileLevels, "base64"), cue) });
  }
  checked.sort((a, b) => a.cue.firstSample - b.cue.firstSample);
  let next = 0;
  let position = 0;
  let power = 0;

  return {
    push(interleaved) {
      for (let index = 0; index < interleaved.length; index += 2, position += 1) {
        const due = checked[next];
        if (due === undefined) return;
        const sample = position - due.cue.firstSample;
        if (sample < 0) continue;
        power += (interleaved[index] as number) ** 2 + (interleaved[index + 1] as number) ** 2;
        if ((sample + 1) % samplesPerLevel !== 0) continue;
        const level = (sample + 1) / samplesPerLevel - 1;
        if (level < due.levels.length) due.levels[level] = toLevel(power / (2 * samplesPerLevel));
        power = 0;
        if (level + 1 >= due.levels.length) next += 1;
      }
    },
    firstMisplaced() {
      for (const { cue, levels, file } of checked) {
        const misplaced = findMisplaced(file, levels);
        if (misplaced !== null) return { cue, misplaced };
      }
      return null;
    },
  };
}

/** Applies the film's fades to the levels of a file: room noise at its edges fades in and out. */
function fadeEdges(
  levels: Uint8Array,
  { sampleCount, fadeInSamples, fadeOutSamples }: PlannedCue,
): Uint8Array {
  return levels.map((level, cell) => {
    const middle = (cell + 0.5) * samplesPerLevel;
    // Nothing is faded after the end, so that samples there count as missing.
    const left = sampleCount - middle;
    const fadeIn = fadeInSamples === 0 ? 1 : ease(middle / fadeInSamples);
    const fadeOut = fadeOutSamples === 0 || left < 0 ? 1 : ease(left / fadeOutSamples);
    return scaleLevel(level, fadeIn * fadeOut);
  });
}
