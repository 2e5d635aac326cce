import { open, type FileHandle } from "node:fs/promises";

import type { SoundProducer } from "./write-sound.js";
import { bytesPerSample, sampleRate } from "./sound-format.js";

/** A prepared sound file, and its gain in the mix. */
export interface MixedFile {
  readonly path: string;
  readonly gain: number;
}

const pieceBytes = 24_000 * bytesPerSample;

/**
 * Adds sound files that begin at the same time. Floats can represent sums that are louder than full scale.
 *
 * @param files headerless interleaved stereo float32 at 48 kHz
 */
export function mixSounds(files: readonly MixedFile[]): SoundProducer {
  return async (onSamples) => {
    const opened: { readonly file: FileHandle; readonly gain: number }[] = [];
    try {
      for (const { path, gain } of files) opened.push({ file: await open(path, "r"), gain });
      for (let position = 0; ; position += pieceBytes) {
        const mix = new Float32Array(pieceBytes / 4);
        let longest = 0;
        for (const { file, gain } of opened)
          longest = Math.max(longest, await add(file, position, gain, mix));
        if (longest === 0 || !(await onSamples(mix.subarray(0, longest))))
          return position / bytesPerSample / sampleRate + longest / (2 * sampleRate);
      }
    } finally {
      for (const { file } of opened) await file.close();
    }
  };
}

/** @returns how many values were added */
async function add(file: FileHandle, position: number, gain: number, mix: Float32Array): Promise<number> {
  const bytes = Buffer.alloc(pieceBytes);
  let readBytes = 0;
  while (readBytes < pieceBytes) {
    const { bytesRead } = await file.read(bytes, readBytes, pieceBytes - readBytes, position + readBytes);
    if (bytesRead === 0) break;
    readBytes += bytesRead;
  }
  const count = 2 * Math.floor(readBytes / bytesPerSample);
  const samples = new Float32Array(bytes.buffer, bytes.byteOffset, count);
  for (let index = 0; index < count; index += 1)
    mix[index] = (mix[index] as number) + gain * (samples[index] as number);
  return count;
}
