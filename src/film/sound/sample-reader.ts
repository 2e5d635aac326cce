import { open, type FileHandle } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import { bytesPerSample } from "../../media/sound/sound-format.js";

export interface SampleReader extends AsyncDisposable {
  /** Reads interleaved stereo; every call may return the same buffer. */
  read(firstSample: number, sampleCount: number): Promise<Float32Array>;
}

/**
 * Reads anywhere in a prepared sound file, which is opened at the first read.
 *
 * `read` throws KeepsakeError `sound-file-short` past the end of the file.
 */
export function createSampleReader(path: string): SampleReader {
  let file: FileHandle | null = null;
  let bytes = Buffer.alloc(0);
  return {
    async read(firstSample, sampleCount) {
      file ??= await open(path, "r");
      const sizeBytes = sampleCount * bytesPerSample;
      if (bytes.length < sizeBytes) bytes = Buffer.alloc(sizeBytes);
      await readFully(file, bytes.subarray(0, sizeBytes), firstSample * bytesPerSample);
      return new Float32Array(bytes.buffer, bytes.byteOffset, 2 * sampleCount);
    },
    async [Symbol.asyncDispose]() {
      await file?.close();
      file = null;
    },
  };
}

async function readFully(file: FileHandle, target: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < target.length;) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) {
      throw new KeepsakeError("sound-file-short", "A prepared sound file is shorter than its asset says.");
    }
    done += bytesRead;
  }
}
