import { open } from "node:fs/promises";

/** The tables of a recording of hours are smaller. */
const maxMovieBytes = 64 * 1024 * 1024;

/**
 * The content of the box `moov` of an MP4 or a QuickTime movie: its tables. Boxes follow each other, a size and a name
 * each (ISO/IEC 14496-12, 4.2).
 *
 * @returns null where there is none, or where it is cut off or absurdly large; the first where there are several
 */
export async function readMovieBox(path: string): Promise<Buffer | null> {
  await using file = await open(path);
  const { size: fileBytes } = await file.stat();
  const head = Buffer.alloc(16);
  for (let at = 0; at + 8 <= fileBytes;) {
    await file.read(head, 0, 16, at);
    const short = head.readUInt32BE(0);
    const headBytes = short === 1 ? 16 : 8;
    const size = short === 1 ? Number(head.readBigUInt64BE(8)) : short === 0 ? fileBytes - at : short;
    if (size < headBytes || at + size > fileBytes) return null;
    if (head.toString("latin1", 4, 8) === "moov") {
      if (size > maxMovieBytes) return null;
      const movie = Buffer.alloc(size - headBytes);
      await file.read(movie, 0, movie.length, at + headBytes);
      return movie;
    }
    at += size;
  }
  return null;
}
