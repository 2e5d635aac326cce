import { rawPart, type Field, type Grammar, type Part } from "../part.js";

const many = (first: number, step: 1 | 2 | 4, count: number): Field[] =>
  Array.from({ length: count }, (_, index): Field => [first + index * step, step]);
const frame: readonly Field[] = [[0, 1], [1, 2], [3, 2], [5, 1], ...many(6, 1, 12)];
const tiff: readonly Field[] = [...many(6, 2, 30), ...many(10, 4, 16)];

/** Segments of a JPEG by their marker in hex; what follows a scan's header up to the next marker belongs to it. */
export const jpegGrammar: Grammar = {
  name: "jpeg",
  littleEndian: false,
  recognises: (file) => file[0] === 0xff && file[1] === 0xd8 && file[2] === 0xff,
  fields: {
    c0: frame,
    c1: frame,
    c2: frame,
    c4: many(0, 1, 30),
    da: many(0, 1, 14),
    db: many(0, 1, 12),
    dd: many(0, 2, 1),
    e0: many(0, 2, 7),
    e1: tiff,
    e2: many(0, 4, 24),
    ed: many(0, 2, 16),
    ee: many(0, 1, 12),
  },
  types: "c0 c1 c2 c3 c4 c9 cc d8 d9 da db dd e0 e1 e2 ed ee fe".split(" "),
  parse(file) {
    const parts: Part[] = [rawPart(file.subarray(0, 2))];
    let at = 2;
    while (at + 4 <= file.length && file[at] === 0xff) {
      const type = file.toString("hex", at + 1, at + 2);
      if (type === "d9") break;
      const segmentEnd = at + 2 + file.readUInt16BE(at + 2);
      if (segmentEnd > file.length) break;
      const end = type === "da" ? findMarker(file, segmentEnd) : segmentEnd;
      const children = type === "da" ? [rawPart(file.subarray(segmentEnd, end))] : null;
      parts.push({
        type,
        head: file.subarray(at, at + 4),
        body: file.subarray(at + 4, segmentEnd),
        children,
      });
      at = end;
    }
    if (at < file.length) parts.push(rawPart(file.subarray(at)));
    return parts;
  },
  write: (parts) => Buffer.concat(parts.map(writeSegment)),
};

/** Stuffed zeros and restart markers are part of a scan. */
function findMarker(file: Buffer, start: number): number {
  for (let at = start; at + 1 < file.length; at += 1) {
    const next = file[at + 1] ?? 0;
    if (file[at] === 0xff && next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
  }
  return file.length;
}

function writeSegment(part: Part): Buffer {
  const inside = Buffer.concat((part.children ?? []).map(writeSegment));
  if (part.type === "") return Buffer.concat([part.body, inside]);
  const head = Buffer.from([0xff, Number.parseInt(part.type, 16), 0, 0]);
  head.writeUInt16BE((part.claimedBytes ?? part.body.length + 2) & 0xffff, 2);
  return Buffer.concat([head, part.body, inside]);
}
