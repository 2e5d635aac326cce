import { toFactor } from "./cue-gain.js";
import { createLimiter } from "./limiter.js";

/**
 * One sound of the film, from its first sample to its end. It is opened lazily, disposed of after its end, and can be
 * opened again.
 */
export interface SoundLayer extends AsyncDisposable {
  readonly firstSample: number;
  readonly endSample: number;
  /** Adds the part that is within the block: interleaved stereo from sample `blockStart` of the film on. */
  addTo(block: Float32Array, blockStart: number): Promise<void>;
}

export interface MixdownOptions {
  readonly sampleCount: number;
  /** Gain of the sum, before the limiter. */
  readonly masterGainDb: number;
  readonly ceilingDbtp: number;
}

const blockSamples = 24_000;

/**
 * Sums all layers, applies the gain and the limiter, and yields exactly `sampleCount` samples of interleaved stereo
 * in pieces of at most half a second. Only the pieces that play now are in memory, and only files that play now are
 * open. Every piece uses the same buffer.
 */
export async function* mixdown(
  layers: readonly SoundLayer[],
  { sampleCount, masterGainDb, ceilingDbtp }: MixdownOptions,
): AsyncGenerator<Float32Array> {
  const limiter = createLimiter(ceilingDbtp);
  const masterFactor = toFactor(masterGainDb);
  const mix = new Float32Array(2 * blockSamples);
  const waiting = layers.toSorted((a, b) => a.firstSample - b.firstSample);
  let playing: SoundLayer[] = [];
  let late = limiter.delaySamples;
  try {
    for (let start = 0; start < sampleCount + limiter.delaySamples; start += blockSamples) {
      const end = Math.min(start + blockSamples, sampleCount + limiter.delaySamples);
      const block = mix.subarray(0, 2 * (end - start)).fill(0);
      while (waiting[0] !== undefined && waiting[0].firstSample < end)
        playing.push(waiting.shift() as SoundLayer);
      for (const layer of playing) {
        await layer.addTo(block, start);
        if (layer.endSample <= end) await layer[Symbol.asyncDispose]();
      }
      playing = playing.filter((layer) => layer.endSample > end);
      if (masterFactor !== 1) {
        for (let index = 0; index < block.length; index++)
          block[index] = (block[index] as number) * masterFactor;
      }
      limiter.process(block);
      const skipped = Math.min(late, end - start);
      late -= skipped;
      if (skipped < end - start) yield block.subarray(2 * skipped);
    }
  } finally {
    await Promise.all(playing.map((layer) => layer[Symbol.asyncDispose]()));
  }
}
