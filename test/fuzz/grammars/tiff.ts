import { rawPart, type Grammar, type Part } from "../part.js";

const entryBytes = 12;
const maxDirectories = 16;

/**
 * TIFF lives by offsets, so nothing in it can be moved: its parts are the header, and the entries of each directory, whose
 * last four bytes may lead anywhere; the rest is bytes. What is put in or taken out shifts all that comes after it.
 */
export const tiffGrammar: Grammar = createGrammar("tiff", "II*\0", true);
export const bigEndianTiffGrammar: Grammar = createGrammar("tiff", "MM\0*", false);

function createGrammar(name: string, signature: string, littleEndian: boolean): Grammar {
  return {
    name,
    littleEndian,
    recognises: (file) => file.toString("latin1", 0, 4) === signature,
    fields: {
      head: [[4, 4]],
      count: [[0, 2]],
      // Tag, type, count, value.
      entry: [
        [0, 2],
        [2, 2],
        [4, 4],
        [8, 4],
        [8, 2],
      ],
      next: [[0, 4]],
    },
    types: ["entry", "next", "count"],
    parse: (file) => cutAt(file, findPlaces(file, littleEndian)),
    write: (parts) => Buffer.concat(parts.map(({ body }) => body)),
  };
}

interface Place {
  readonly at: number;
  readonly bytes: number;
  readonly type: string;
}

function findPlaces(file: Buffer, littleEndian: boolean): Place[] {
  const u16 = (at: number): number => (littleEndian ? file.readUInt16LE(at) : file.readUInt16BE(at));
  const u32 = (at: number): number => (littleEndian ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const places: Place[] = [{ at: 0, bytes: 8, type: "head" }];
  const seen = new Set<number>();
  let directory = u32(4);
  while (
    directory >= 8 &&
    directory + 2 <= file.length &&
    !seen.has(directory) &&
    seen.size < maxDirectories
  ) {
    seen.add(directory);
    const count = u16(directory);
    const next = directory + 2 + count * entryBytes;
    if (next + 4 > file.length) break;
    places.push({ at: directory, bytes: 2, type: "count" });
    for (let index = 0; index < count; index += 1) {
      places.push({ at: directory + 2 + index * entryBytes, bytes: entryBytes, type: "entry" });
    }
    places.push({ at: next, bytes: 4, type: "next" });
    directory = u32(next);
  }
  return places.sort((a, b) => a.at - b.at);
}

function cutAt(file: Buffer, places: readonly Place[]): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const place of places) {
    if (place.at < at) continue;
    if (place.at > at) parts.push(rawPart(file.subarray(at, place.at)));
    const body = file.subarray(place.at, place.at + place.bytes);
    parts.push({ type: place.type, head: Buffer.alloc(0), body, children: null });
    at = place.at + place.bytes;
  }
  if (at < file.length) parts.push(rawPart(file.subarray(at)));
  return parts;
}
