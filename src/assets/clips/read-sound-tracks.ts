import type { Ambisonics } from "../../media/sound/channel-matrix.js";
import type { SoundTrack } from "../../media/sound/sound-choices.js";
import { type Box, createBoxReader, findBox, readBoxes } from "../../mp4/boxes.js";

/**
 * Reads the properties of sound tracks in a movie (MP4, MOV, M4A, QTA) that FFmpeg does not report: which are enabled,
 * which are alternatives of each other, their volume, and the layout of their channels.
 *
 * @param movie result of `readMovieBox`
 * @returns null when the movie's tables cannot be read
 */
export function readSoundTracks(movie: Buffer | null): SoundTrack[] | null {
  if (movie === null) return null;
  try {
    const boxes = [...readBoxes(movie, 0, movie.length)];
    return boxes.flatMap((box) => (box.type === "trak" ? (readTrack(movie, box) ?? []) : []));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** @returns null for a track that is not sound */
function readTrack(movie: Buffer, track: Box): SoundTrack | null {
  const header = findBox(movie, track, "tkhd");
  const media = findBox(movie, track, "mdia");
  const handler = media && findBox(movie, media, "hdlr");
  if (header === null || media === null || handler === null) return null;
  if (movie.toString("latin1", handler.start + 8, handler.start + 12) !== "soun") return null;
  const entry = findEntry(movie, media);
  const ambisonics = entry === null ? null : readAmbisonics(movie, entry);
  const configuration = entry === null ? null : findConfiguration(movie, entry);
  return { ...readHeader(movie, header), ambisonics, iamf: configuration };
}

/** Reads a track header (ISO/IEC 14496-12, 8.3.2). */
function readHeader(movie: Buffer, header: Box): Pick<SoundTrack, "id" | "isEnabled" | "group" | "volume"> {
  const reader = createBoxReader(movie, header);
  const isLong = reader.uint(1) === 1;
  const flags = reader.uint(3);
  reader.skip(isLong ? 16 : 8);
  const id = reader.uint(4);
  reader.skip(4 + (isLong ? 8 : 4) + 8 + 2);
  const group = reader.uint(2);
  return { id, isEnabled: (flags & 1) === 1, group, volume: reader.uint(2) / 256 };
}

/** Finds the first sample entry, which describes the coding. */
function findEntry(movie: Buffer, media: Box): Box | null {
  const information = findBox(movie, media, "minf");
  const table = information && findBox(movie, information, "stbl");
  const entries = table && findBox(movie, table, "stsd");
  if (entries === null) return null;
  const [entry] = readBoxes(movie, entries.start + 8, entries.end);
  return entry ?? null;
}

/** Finds the configuration of IAMF after the fixed fields of the sample entry (IAMF in ISO base media files, 6.2.2). */
function findConfiguration(movie: Buffer, entry: Box): Uint8Array | null {
  if (entry.type !== "iamf") return null;
  const box = findBox(movie, { start: entry.start + 28, end: entry.end }, "iacb");
  return box === null ? new Uint8Array() : movie.subarray(box.start, box.end);
}

/** Core Audio's channel layout tags (CoreAudioBaseTypes.h): the upper half is the kind, the lower one the channel count. */
const ambisonicTags: ReadonlyMap<number, Ambisonics> = new Map([
  [107, "b-format"],
  [190, "sn3d"],
  [191, "n3d"],
]);

/** Additional bytes of QuickTime's sound descriptions by version. */
const extraBytes: Readonly<Record<number, number>> = { 0: 0, 1: 16, 2: 36 };

function readAmbisonics(movie: Buffer, entry: Box): Ambisonics | null {
  if (entry.end - entry.start < 28) return null;
  const version = movie.readUInt16BE(entry.start + 8);
  const inside = { start: entry.start + 28 + (extraBytes[version] ?? 0), end: entry.end };
  const wave = findBox(movie, inside, "wave");
  const layout = findBox(movie, inside, "chan") ?? (wave === null ? null : findBox(movie, wave, "chan"));
  if (layout === null || layout.end - layout.start < 8) return null;
  return ambisonicTags.get(movie.readUInt16BE(layout.start + 4)) ?? null;
}
