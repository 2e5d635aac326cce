import { AV_SAMPLE_FMT_FLTP } from "node-av/constants";
import { Frame } from "node-av/lib";

import { KeepsakeError } from "../../errors.js";
import { openFilmFrames } from "../film-files/open-film-frames.js";
import { sampleRate } from "./sound-format.js";

export interface AacFile {
  readonly path: string;
  /** FFmpeg's name of the container format: `aac` for ADTS, `mov` for MP4. */
  readonly demuxer: "aac" | "mov";
  readonly streamIndex: number;
  /** Number of decoded samples before the sound that no edit list removes. */
  readonly primingSamples: number;
}

/**
 * Decodes stereo AAC at 48 kHz that we encoded ourselves. The buffer may be reused for the next piece.
 *
 * @returns pieces of interleaved float32
 * @throws KeepsakeError `film-damaged` when it cannot be decoded completely or is not stereo at 48 kHz
 */
export async function* decodeAacFile(file: AacFile): AsyncGenerator<Float32Array> {
  await using frames = await openFilmFrames(file, { maxPixels: 1, threads: 1 });
  using frame = new Frame();
  frame.alloc();
  let skip = file.primingSamples;
  let interleaved = new Float32Array(2048);
  while (frames.next(frame)) {
    const sampleCount = frame.nbSamples;
    const planes = frame.extendedData ?? [];
    const [left, right] = planes.map(
      (plane) => new Float32Array(plane.buffer, plane.byteOffset, sampleCount),
    );
    if (frame.format !== AV_SAMPLE_FMT_FLTP || frame.sampleRate !== sampleRate || !left || !right) {
      throw new KeepsakeError("film-damaged", "The film's sound was not decoded as stereo at 48 kHz.");
    }
    if (interleaved.length < 2 * sampleCount) interleaved = new Float32Array(2 * sampleCount);
    for (let index = 0; index < sampleCount; index++) {
      interleaved[2 * index] = left[index] as number;
      interleaved[2 * index + 1] = right[index] as number;
    }
    const skipped = Math.min(skip, sampleCount);
    skip -= skipped;
    if (skipped < sampleCount) yield interleaved.subarray(2 * skipped, 2 * sampleCount);
  }
}
