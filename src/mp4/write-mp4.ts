import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

import { box, fourCharacters, uint32, uint64s } from "./write-boxes.js";
import { movieBox, type MovieHeader, type PlacedChunk } from "./movie-box.js";
import type { Mp4Chunk, Mp4Track } from "./mp4-track.js";

export interface WrittenFile {
  readonly sizeBytes: number;
  readonly sha256: string;
}

const largestOffset = 0xffff_ffff;
const maxHeaderBytes = 2 ** 28;

/**
 * Writes a film in one go, the movie box first, so that a player can begin before it has the whole file.
 *
 * @param chunks in the order of the file; together they hold every sample of every track once, in order
 */
export async function writeMp4(
  path: string,
  movie: Omit<MovieHeader, "wideOffsets">,
  tracks: readonly Mp4Track[],
  chunks: readonly Mp4Chunk[],
): Promise<WrittenFile> {
  const sizes = chunks.map((chunk) => chunkBytes(tracks, chunk));
  const mediaBytes = sizes.reduce((sum, size) => sum + size, 0);
  const wideOffsets = mediaBytes > largestOffset - maxHeaderBytes;
  const fileType = box("ftyp", fourCharacters("isom"), uint32(0x200), fourCharacters("isomiso2avc1mp41"));
  const mediaHeader = wideOffsets
    ? Buffer.concat([uint32(1), fourCharacters("mdat"), uint64s([mediaBytes + 16])])
    : Buffer.concat([uint32(mediaBytes + 8), fourCharacters("mdat")]);
  const movieAt = (mediaOffset: number): Buffer =>
    movieBox({ ...movie, wideOffsets }, tracks, placeChunks(tracks.length, chunks, sizes, mediaOffset));
  const headerBytes = fileType.length + movieAt(0).length + mediaHeader.length;

  const hash = createHash("sha256");
  const file = await open(path, "w");
  try {
    const write = async (bytes: Uint8Array): Promise<void> => {
      hash.update(bytes);
      await file.writeFile(bytes);
    };
    await write(Buffer.concat([fileType, movieAt(headerBytes), mediaHeader]));
    for (const { track, firstSample, sampleCount } of chunks) {
      await write(await (tracks[track] as Mp4Track).read(firstSample, sampleCount));
    }
  } finally {
    await file.close();
  }
  return { sizeBytes: headerBytes + mediaBytes, sha256: hash.digest("hex") };
}

function chunkBytes(tracks: readonly Mp4Track[], { track, firstSample, sampleCount }: Mp4Chunk): number {
  const sizes = tracks[track]?.sizes.subarray(firstSample, firstSample + sampleCount) ?? new Uint32Array();
  return sizes.reduce((sum, size) => sum + size, 0);
}

function placeChunks(
  trackCount: number,
  chunks: readonly Mp4Chunk[],
  sizes: readonly number[],
  mediaOffset: number,
): PlacedChunk[][] {
  const byTrack = Array.from({ length: trackCount }, (): PlacedChunk[] => []);
  let offsetBytes = mediaOffset;
  for (const [index, { track, sampleCount }] of chunks.entries()) {
    byTrack[track]?.push({ sampleCount, offsetBytes });
    offsetBytes += sizes[index] as number;
  }
  return byTrack;
}
