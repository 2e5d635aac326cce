import type { Edit } from "../../media/asset.js";
import { createBoxReader, findBox, readBoxes, type Box } from "../../mp4/boxes.js";

/** The file is searched for each edit. A list with more edits is played as FFmpeg plays it. */
const maxEdits = 200;
const maxRate = 64;

/**
 * Reads the edit lists that FFmpeg does not follow: it plays every edit at full speed, and fills an empty one in the middle
 * with other sound.
 *
 * @param movie result of `readMovieBox`
 * @returns edit lists by track id; empty for almost all files
 */
export function readEdits(movie: Buffer | null): ReadonlyMap<number, readonly Edit[]> {
  const lists = new Map<number, readonly Edit[]>();
  if (movie === null || !movie.includes("elst", 0, "latin1")) return lists;
  const whole = { start: 0, end: movie.length };
  try {
    const movieTicks = readTimescale(movie, findBox(movie, whole, "mvhd"));
    for (const track of readBoxes(movie, 0, movie.length)) {
      if (track.type !== "trak" || movieTicks === null) continue;
      const edits = readTrackEdits(movie, track, movieTicks);
      if (edits !== null && isBeyondFFmpeg(edits.list)) lists.set(edits.trackId, edits.list);
    }
  } catch {
    // The description is damaged: FFmpeg plays what it can.
    lists.clear();
  }
  return lists;
}

function isBeyondFFmpeg(edits: readonly Edit[]): boolean {
  return edits.some(({ rate, mediaSeconds }, index) => rate !== 1 || (mediaSeconds === null && index > 0));
}

/** Reads the timescale of a box `mvhd` or `mdhd`. */
function readTimescale(movie: Buffer, box: Box | null): number | null {
  if (box === null) return null;
  const reader = createBoxReader(movie, box);
  reader.skip(reader.uint(1) === 1 ? 19 : 11);
  return reader.uint(4) || null;
}

function readTrackEdits(
  movie: Buffer,
  track: Box,
  movieTicks: number,
): { trackId: number; list: readonly Edit[] } | null {
  const [header, media, edits] = ["tkhd", "mdia", "edts"].map((type) => findBox(movie, track, type));
  if (!header || !media || !edits) return null;
  const [list, mediaTicks] = [
    findBox(movie, edits, "elst"),
    readTimescale(movie, findBox(movie, media, "mdhd")),
  ];
  if (list === null || mediaTicks === null) return null;
  const headerReader = createBoxReader(movie, header);
  headerReader.skip(headerReader.uint(1) === 1 ? 19 : 11);
  const trackId = headerReader.uint(4);
  const reader = createBoxReader(movie, list);
  const isWide = reader.uint(1) === 1;
  reader.skip(3);
  const count = reader.uint(4);
  if (count > maxEdits) return null;
  const found: Edit[] = [];
  let startSeconds = 0;
  for (let index = 0; index < count; index += 1) {
    const durationSeconds = reader.uint(isWide ? 8 : 4) / movieTicks;
    const place = isWide ? reader.signed64() : reader.signed32();
    const rate = reader.signed32() / 65_536;
    if (durationSeconds === 0) return null;
    const mediaSeconds = place < 0 ? null : place / mediaTicks;
    found.push({
      startSeconds,
      durationSeconds,
      mediaSeconds,
      rate: rate >= 0 && rate <= maxRate ? rate : 1,
    });
    startSeconds += durationSeconds;
  }
  return { trackId, list: found };
}
