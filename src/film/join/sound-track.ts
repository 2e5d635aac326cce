import type { FileHandle } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import { aacConfig, adtsHeaderBytes, filmFrameBytes } from "../../media/sound/adts.js";
import { ticksPerSecond, type Mp4Track } from "../../mp4/mp4-track.js";
import { readSamples } from "../../mp4/read-samples.js";
import { aacEntry } from "../../mp4/sample-entries.js";
import { aacPrimingSamples, samplesPerAacPacket } from "../../media/sound/sound-format.js";

const pieceBytes = 1024 * 1024;

/**
 * Makes a track of the AAC frames of an ADTS file, without their headers.
 *
 * @param sampleCount samples of the film, which the frames must reach
 * @throws KeepsakeError `sound-unfit`
 */
export async function createSoundTrack(file: FileHandle, sampleCount: number): Promise<Mp4Track> {
  const { sizes, offsets } = await findFrames(file);
  if (sizes.length * samplesPerAacPacket < aacPrimingSamples + sampleCount) {
    throw new KeepsakeError("sound-unfit", "The film's sound is shorter than its picture.");
  }
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const seconds = (sizes.length * samplesPerAacPacket) / ticksPerSecond;
  return {
    kind: "sound",
    sampleEntry: aacEntry(aacConfig, Math.round((bytes * 8) / seconds)),
    sizes,
    durations: new Uint32Array(sizes.length).fill(samplesPerAacPacket),
    compositionOffsets: null,
    keySamples: null,
    startTicks: aacPrimingSamples,
    place: { width: 0, height: 0, y: 0 },
    read: (firstSample, count) => readSamples(file, { sizes, offsets }, firstSample, count),
  };
}

async function findFrames(file: FileHandle): Promise<{ sizes: Uint32Array; offsets: Float64Array }> {
  const sizes: number[] = [];
  const offsets: number[] = [];
  const { size: fileBytes } = await file.stat();
  const piece = Buffer.alloc(pieceBytes);
  let pieceStart = 0;
  let pieceEnd = 0;
  for (let offset = 0; offset < fileBytes;) {
    if (offset + adtsHeaderBytes > pieceEnd) {
      const { bytesRead } = await file.read(piece, 0, pieceBytes, offset);
      pieceStart = offset;
      pieceEnd = offset + bytesRead;
    }
    const size = filmFrameBytes(piece.subarray(0, pieceEnd - pieceStart), offset - pieceStart);
    if (size === null || size <= adtsHeaderBytes || offset + size > fileBytes) {
      throw new KeepsakeError("sound-unfit", "The film's sound is not a whole file of AAC frames.");
    }
    sizes.push(size - adtsHeaderBytes);
    offsets.push(offset + adtsHeaderBytes);
    offset += size;
  }
  return { sizes: Uint32Array.from(sizes), offsets: Float64Array.from(offsets) };
}
