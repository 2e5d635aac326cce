import { ease } from "../model/ease.js";
import { toFactor } from "./cue-gain.js";
import type { SoundLayer } from "./mixdown.js";
import type { Fades } from "./choose-fades.js";
import { createSampleReader } from "./sample-reader.js";

/** A prepared sound file, its place in the film, and how it is played. */
export interface LevelledCue extends Fades {
  readonly path: string;
  readonly sampleCount: number;
  readonly firstSample: number;
  readonly gainDb: number;
}

/** Opens a cue as a layer; its file is opened when it is first needed. */
export function openCue(cue: LevelledCue): SoundLayer {
  const { firstSample, sampleCount, fadeInSamples, fadeOutSamples } = cue;
  const factor = toFactor(cue.gainDb);
  const endSample = firstSample + sampleCount;
  const reader = createSampleReader(cue.path);

  return {
    firstSample,
    endSample,
    async addTo(block, blockStart) {
      const start = Math.max(firstSample, blockStart);
      const end = Math.min(endSample, blockStart + block.length / 2);
      const sound = await reader.read(start - firstSample, end - start);
      fadeEdges(sound, start - firstSample);
      const target = 2 * (start - blockStart);
      for (let index = 0; index < sound.length; index++) {
        block[target + index] = (block[target + index] as number) + factor * (sound[index] as number);
      }
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };

  /** @param position position of the piece's first sample in the whole sound */
  function fadeEdges(sound: Float32Array, position: number): void {
    const count = sound.length / 2;
    for (let index = 0; index < Math.min(count, fadeInSamples - position); index++) {
      scale(sound, index, ease((position + index + 0.5) / fadeInSamples));
    }
    for (let index = Math.max(0, sampleCount - fadeOutSamples - position); index < count; index++) {
      scale(sound, index, ease((sampleCount - position - index - 0.5) / fadeOutSamples));
    }
  }
}

function scale(sound: Float32Array, sample: number, gain: number): void {
  sound[2 * sample] = gain * (sound[2 * sample] as number);
  sound[2 * sample + 1] = gain * (sound[2 * sample + 1] as number);
}
