import { box } from "../../../dist/mp4/write-boxes.js";

/** A movie with one track, and what the track is to be in the movie that it is joined into. */
export interface MoviePart {
  readonly bytes: Buffer;
  readonly isEnabled?: boolean;
  readonly group?: number;
  /** 1 is as recorded. */
  readonly volume?: number;
  /** ISO 639-2/T. */
  readonly language?: string;
}

/**
 * One movie with a track of each: the media data of both files is written one after the other, and their tables are moved accordingly.
 */
export function joinMovies(parts: readonly MoviePart[]): Buffer {
  const media: Buffer[] = [];
  const tracks: Buffer[] = [];
  let offset = 0;
  let first: Buffer | null = null;
  for (const [index, part] of parts.entries()) {
    const movie = find(part.bytes, "moov");
    const track = Buffer.from(find(movie.subarray(8), "trak"));
    first ??= movie;
    const wrapped =
      index === 0 ? part.bytes.subarray(0, placeOf(part.bytes, "moov")) : box("mdat", part.bytes);
    const shift = index === 0 ? 0 : offset + 8;
    moveChunks(track, shift);
    describe(track, index + 1, part);
    media.push(wrapped);
    tracks.push(track);
    offset += wrapped.length;
  }
  const header = find((first as Buffer).subarray(8), "mvhd");
  return Buffer.concat([...media, box("moov", header, ...tracks)]);
}

function describe(
  track: Buffer,
  id: number,
  { isEnabled = true, group = 0, volume = 1, language }: MoviePart,
): void {
  const at = track.indexOf("tkhd") + 4;
  track.writeUInt8(isEnabled ? 3 : 2, at + 3);
  track.writeUInt32BE(id, at + 12);
  track.writeUInt16BE(group, at + 34);
  track.writeUInt16BE(volume * 256, at + 36);
  const packed = Buffer.from(language ?? "und").reduce((sum, letter) => sum * 32 + (letter - 0x60), 0);
  track.writeUInt16BE(packed, track.indexOf("mdhd") + 4 + 20);
}

function moveChunks(track: Buffer, shift: number): void {
  const at = track.indexOf("stco") + 4;
  const count = track.readUInt32BE(at + 4);
  for (let index = 0; index < count; index++) {
    const entry = at + 8 + 4 * index;
    track.writeUInt32BE(track.readUInt32BE(entry) + shift, entry);
  }
}

function placeOf(bytes: Buffer, type: string): number {
  for (let at = 0; at + 8 <= bytes.length; at += bytes.readUInt32BE(at))
    if (bytes.toString("latin1", at + 4, at + 8) === type) return at;
  throw new Error(`There is no box ${type}.`);
}

function find(bytes: Buffer, type: string): Buffer {
  const at = placeOf(bytes, type);
  return bytes.subarray(at, at + bytes.readUInt32BE(at));
}

/** The first of each name in the file replaced by one as long. */
export function renamed(bytes: Buffer, ...names: readonly (readonly [string, string])[]): Buffer {
  const text = names.reduce((changed, [from, to]) => changed.replace(from, to), bytes.toString("latin1"));
  return Buffer.from(text, "latin1");
}

/** An empty edit before the track's own: its sound begins so much later. */
export function delayed(bytes: Buffer, seconds: number): Buffer {
  const at = bytes.indexOf("elst");
  const movieTicks = bytes.readUInt32BE(bytes.indexOf("mvhd") + 4 + 12);
  const [duration, start] = [bytes.readUInt32BE(at + 12), bytes.readUInt32BE(at + 16)];
  const list = Buffer.alloc(8 + 8 + 24);
  list.writeUInt32BE(list.length, 0);
  list.write("elst", 4);
  list.writeUInt32BE(2, 12);
  for (const [index, value] of [seconds * movieTicks, -1, 0x10000, duration, start, 0x10000].entries())
    list.writeInt32BE(value, 16 + 4 * index);
  const grown = list.length - bytes.readUInt32BE(at - 4);
  const changed = Buffer.concat([
    bytes.subarray(0, at - 4),
    list,
    bytes.subarray(at - 4 + bytes.readUInt32BE(at - 4)),
  ]);
  for (const type of ["moov", "trak", "edts"]) {
    const size = changed.indexOf(type) - 4;
    changed.writeUInt32BE(changed.readUInt32BE(size) + grown, size);
  }
  return changed;
}
