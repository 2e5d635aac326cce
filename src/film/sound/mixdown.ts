import { open, type FileHandle } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import { toFactor } from "./cue-gain.js";
import { createLimiter } from "./limiter.js";

/** A sound, where in the film its first sample is heard, and how much louder it is made. */
export interface LevelledCue {
  readonly path: string;
  readonly sampleCount: number;
  readonly firstSample: number;
  readonly gainDb: number;
}

export interface MixdownOptions {
  readonly sampleCount: number;
  /** Of the sum, before the limiter. */
  readonly masterGainDb: number;
  readonly ceilingDbtp: number;
}

const blockSamples = 4800;
const bytesPerSample = 8;
/** 20 ms, so that no sound starts or ends with a click. */
const edgeSamples = 960;

/**
 * All cues summed, gained and limited: exactly `sampleCount` samples of interleaved stereo in pieces of at most a
 * tenth of a second. Only the pieces now heard are in memory, and only files now heard are open. The same buffer is
 * handed out again with every piece.
 */
export async function* mixdown(
  cues: readonly LevelledCue[],
  { sampleCount, masterGainDb, ceilingDbtp }: MixdownOptions,
): AsyncGenerator<Float32Array> {
  const limiter = createLimiter(ceilingDbtp);
  const mix = new Float32Array(2 * blockSamples);
  const waiting = cues.toSorted((a, b) => a.firstSample - b.firstSample);
  let heard: CueReader[] = [];
  let late = limiter.delaySamples;
  try {
    for (let start = 0; start < sampleCount + limiter.delaySamples; start += blockSamples) {
      const end = Math.min(start + blockSamples, sampleCount + limiter.delaySamples);
      const block = mix.subarray(0, 2 * (end - start)).fill(0);
      while (waiting[0] !== undefined && waiting[0].firstSample < end) {
        heard.push(await openCue(waiting.shift() as LevelledCue, toFactor(masterGainDb)));
      }
      for (const reader of heard) {
        await reader.addTo(block, start);
        if (reader.endSample <= end) await reader.close();
      }
      heard = heard.filter((reader) => reader.endSample > end);
      limiter.process(block);
      const skipped = Math.min(late, end - start);
      late -= skipped;
      if (skipped < end - start) yield block.subarray(2 * skipped);
    }
  } finally {
    await Promise.all(heard.map((reader) => reader.close()));
  }
}

interface CueReader {
  readonly endSample: number;
  addTo(block: Float32Array, blockStart: number): Promise<void>;
  close(): Promise<void>;
}

async function openCue(cue: LevelledCue, masterFactor: number): Promise<CueReader> {
  const file = await open(cue.path, "r");
  const bytes = Buffer.alloc(blockSamples * bytesPerSample);
  const factor = toFactor(cue.gainDb) * masterFactor;
  const edge = Math.min(edgeSamples, Math.floor(cue.sampleCount / 2));
  const endSample = cue.firstSample + cue.sampleCount;
  return {
    endSample,
    close: () => file.close(),
    async addTo(block, blockStart) {
      const start = Math.max(cue.firstSample, blockStart);
      const end = Math.min(endSample, blockStart + block.length / 2);
      const wanted = bytes.subarray(0, (end - start) * bytesPerSample);
      await readFully(file, wanted, (start - cue.firstSample) * bytesPerSample);
      const sound = new Float32Array(bytes.buffer, bytes.byteOffset, 2 * (end - start));
      for (let index = 0; index < end - start; index++) {
        const position = start + index - cue.firstSample;
        const gain = factor * edgeGain(Math.min(position, cue.sampleCount - 1 - position), edge);
        const target = 2 * (start - blockStart + index);
        block[target] = (block[target] as number) + gain * (sound[2 * index] as number);
        block[target + 1] = (block[target + 1] as number) + gain * (sound[2 * index + 1] as number);
      }
    },
  };
}

/** A raised cosine over the first and last `edge` samples. */
function edgeGain(samplesFromEnd: number, edge: number): number {
  if (samplesFromEnd >= edge) return 1;
  return 0.5 - 0.5 * Math.cos((Math.PI * (samplesFromEnd + 0.5)) / edge);
}

async function readFully(file: FileHandle, target: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < target.length;) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) {
      throw new KeepsakeError("sound-file-short", "A prepared sound file is shorter than it was said to be.");
    }
    done += bytesRead;
  }
}
