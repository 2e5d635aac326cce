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
  /** The first cue that is not heard when its own file says, and where in it. */
  firstMisplaced(): { readonly cue: PlannedCue; readonly misplaced: Misplaced } | null;
}

const samplesPerLevel = sampleRate / levelsPerSecond;

interface Heard {
  readonly cue: PlannedCue;
  readonly levels: Uint8Array;
  readonly file: Uint8Array;
}

/**
 * Listens whether each cue is heard in the film when the timestamps of its own file say, whatever was prepared of it.
 *
 * @param cues not overlapping
 */
export function createTimesWatch(cues: readonly PlannedCue[]): TimesWatch {
  const heard: Heard[] = [];
  for (const cue of cues) {
    if (cue.fileLevels === null || !cue.isAudible) continue;
    const levels = new Uint8Array(Math.floor(cue.sampleCount / samplesPerLevel));
    heard.push({ cue, levels, file: fadeEdges(Buffer.from(cue.fileLevels, "base64"), cue) });
  }
  heard.sort((a, b) => a.cue.firstSample - b.cue.firstSample);
  let next = 0;
  let position = 0;
  let power = 0;

  return {
    push(interleaved) {
      for (let index = 0; index < interleaved.length; index += 2, position += 1) {
        const due = heard[next];
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
      for (const { cue, levels, file } of heard) {
        const misplaced = findMisplaced(file, levels);
        if (misplaced !== null) return { cue, misplaced };
      }
      return null;
    },
  };
}

/** The levels of a file as a film is to have them: what is only the sound of its room comes and goes gently. */
function fadeEdges(
  levels: Uint8Array,
  { sampleCount, fadeInSamples, fadeOutSamples }: PlannedCue,
): Uint8Array {
  return levels.map((level, cell) => {
    const middle = (cell + 0.5) * samplesPerLevel;
    // What comes after the end would be missing.
    const left = sampleCount - middle;
    const fadeIn = fadeInSamples === 0 ? 1 : ease(middle / fadeInSamples);
    const fadeOut = fadeOutSamples === 0 || left < 0 ? 1 : ease(left / fadeOutSamples);
    return scaleLevel(level, fadeIn * fadeOut);
  });
}
