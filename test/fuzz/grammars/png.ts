import { crc32 } from "node:zlib";

import { rawPart, type Field, type Grammar, type Part } from "../part.js";

const many = (first: number, step: 1 | 2 | 4, count: number): Field[] =>
  Array.from({ length: count }, (_, index): Field => [first + index * step, step]);

/** PNG and APNG; checksums are put right. */
export const pngGrammar: Grammar = {
  name: "png",
  littleEndian: false,
  recognises: (file) => file.toString("latin1", 1, 4) === "PNG",
  fields: {
    IHDR: [...many(0, 4, 2), ...many(8, 1, 5)],
    acTL: many(0, 4, 2),
    fcTL: [...many(0, 4, 5), ...many(20, 2, 2), ...many(24, 1, 2)],
    fdAT: many(0, 4, 1),
    IDAT: many(0, 1, 4),
    gAMA: many(0, 4, 1),
    cHRM: many(0, 4, 8),
    pHYs: many(0, 4, 2),
    tRNS: many(0, 2, 3),
    PLTE: many(0, 1, 6),
    cICP: many(0, 1, 4),
    eXIf: many(0, 2, 24),
    "": many(0, 1, 8),
  },
  types:
    "IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP eXIf zTXt iTXt tEXt acTL fcTL fdAT bKGD hIST sPLT".split(
      " ",
    ),
  parse(file) {
    const parts: Part[] = [rawPart(file.subarray(0, 8))];
    let at = 8;
    while (at + 12 <= file.length) {
      const end = at + 12 + file.readUInt32BE(at);
      if (end > file.length) break;
      const type = file.toString("latin1", at + 4, at + 8);
      parts.push({
        type,
        head: file.subarray(at, at + 8),
        body: file.subarray(at + 8, end - 4),
        children: null,
      });
      at = end;
    }
    if (at < file.length) parts.push(rawPart(file.subarray(at)));
    return parts;
  },
  write: (parts) => Buffer.concat(parts.map(writeChunk)),
};

function writeChunk(part: Part): Buffer {
  if (part.type === "") return part.body;
  const content = Buffer.concat([Buffer.from(part.type, "latin1"), part.body]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE((part.claimedBytes ?? part.body.length) >>> 0);
  checksum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, checksum]);
}
