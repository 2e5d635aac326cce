import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

import { videoConfig, type MovieTrack } from "../../mp4/read-movie.js";
import { readSamples } from "../../mp4/read-samples.js";
import type { FrameSpan } from "../model/segments.js";

/** About two seconds of pictures. */
const samplesAtOnce = 60;
const fieldsBytes = 9;

/**
 * Hashes everything that a decoder receives for a range of pictures and everything that defines their order: the
 * parameter sets, and each packet in decode order with the frame it shows and whether decoding can begin there.
 * Ranges with equal hashes are decoded to equal pictures, also from different files.
 *
 * @param track track of pictures at an even pace; the range is complete in decode order
 * @param span samples of the track
 * @returns sha256, 64 hex digits
 */
export async function digestPackets(file: FileHandle, track: MovieTrack, span: FrameSpan): Promise<string> {
  const { samples } = track;
  const frameTicks = samples.durations[0] ?? 0;
  // The segment's own file may have no edit: its first picture is the earliest.
  const hash = createHash("sha256").update(videoConfig(track, "avcC") ?? "");
  const shown = Array.from(
    { length: span.frameCount },
    (_, index) => index * frameTicks + (samples.compositionOffsets[span.firstFrame + index] as number),
  );
  const earliest = shown.reduce((min, ticks) => Math.min(min, ticks), Infinity);
  for (let index = 0; index < span.frameCount; index += samplesAtOnce) {
    const count = Math.min(samplesAtOnce, span.frameCount - index);
    const fields = Buffer.alloc(count * fieldsBytes);
    for (let offset = 0; offset < count; offset++) {
      const sample = span.firstFrame + index + offset;
      const frame = ((shown[index + offset] as number) - earliest) / frameTicks;
      fields.writeInt32BE(Math.round(frame), offset * fieldsBytes);
      fields.writeUInt32BE(samples.sizes[sample] as number, offset * fieldsBytes + 4);
      fields.writeUInt8(samples.keySamples?.has(sample) === false ? 0 : 1, offset * fieldsBytes + 8);
    }
    hash.update(fields).update(await readSamples(file, samples, span.firstFrame + index, count));
  }
  return hash.digest("hex");
}
