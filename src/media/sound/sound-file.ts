import { open } from "node:fs/promises";

import { bytesPerSample } from "./sound-format.js";

export interface SoundFileRange {
  /** Range to read, in samples of both channels; nothing is returned past the end of the file. */
  readonly firstSample: number;
  readonly sampleCount: number;
}

/**
 * Reads a headerless file of interleaved stereo float32 little-endian in pieces of at most half a second.
 * The buffer is reused for the next piece, so the caller must copy what it needs later.
 */
export async function* readSoundFile(path: string, range?: SoundFileRange): AsyncGenerator<Float32Array> {
  const buffer = new ArrayBuffer(24_000 * bytesPerSample);
  const file = await open(path, "r");
  try {
    let position = (range?.firstSample ?? 0) * bytesPerSample;
    const end = range === undefined ? Infinity : position + range.sampleCount * bytesPerSample;
    let bufferedBytes = 0;
    for (;;) {
      const wanted = Math.min(buffer.byteLength - bufferedBytes, end - position);
      if (wanted <= 0) return;
      const { bytesRead } = await file.read(
        new Uint8Array(buffer, bufferedBytes, wanted),
        0,
        wanted,
        position,
      );
      if (bytesRead === 0) return;
      position += bytesRead;
      bufferedBytes += bytesRead;
      const whole = bufferedBytes - (bufferedBytes % bytesPerSample);
      yield new Float32Array(buffer, 0, whole / 4);
      new Uint8Array(buffer).copyWithin(0, whole, bufferedBytes);
      bufferedBytes -= whole;
    }
  } finally {
    await file.close();
  }
}
