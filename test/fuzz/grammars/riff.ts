import { rawPart, type Field, type Grammar, type Part } from "../part.js";

const containers: Readonly<Record<string, number>> = { RIFF: 4, RF64: 4, LIST: 4, FORM: 4, ANMF: 16 };

const many = (first: number, step: 1 | 2 | 4, count: number): Field[] =>
  Array.from({ length: count }, (_, index): Field => [first + index * step, step]);

const fields: Readonly<Record<string, readonly Field[]>> = {
  "fmt ": [...many(0, 2, 10), [4, 4], [8, 4], [20, 4]],
  fact: many(0, 4, 1),
  ds64: [
    [0, 8],
    [8, 8],
    [16, 8],
  ],
  avih: many(0, 4, 14),
  strh: many(0, 4, 14),
  strf: [...many(0, 4, 10), ...many(0, 2, 9)],
  idx1: many(0, 4, 16),
  indx: many(0, 2, 12),
  VP8X: many(0, 1, 10),
  ANIM: many(0, 2, 3),
  ANMF: many(0, 1, 16),
  "VP8 ": many(0, 1, 16),
  VP8L: many(0, 1, 12),
  ALPH: many(0, 1, 8),
  COMM: [...many(0, 2, 9), [2, 4], ...many(8, 1, 10)],
  SSND: many(0, 4, 2),
  EXIF: many(0, 2, 24),
};

/** RIFF (WAVE, AVI, WebP) in little endian, AIFF in big. */
function createGrammar(name: string, littleEndian: boolean, form: RegExp): Grammar {
  return {
    name,
    littleEndian,
    fields,
    types: [...Object.keys(fields), "data", "LIST", "JUNK", "00dc", "01wb", "ID3 ", "FVER", "ID32"],
    recognises: (file) => form.test(file.toString("latin1", 0, 4)),
    parse: (file) => readChunks(file, littleEndian),
    write: (parts) => Buffer.concat(parts.map((part) => writeChunk(part, littleEndian))),
  };
}

export const riffGrammar: Grammar = createGrammar("riff", true, /^(RIFF|RF64)$/);
export const aiffGrammar: Grammar = createGrammar("aiff", false, /^FORM$/);

function readChunks(file: Buffer, littleEndian: boolean): Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at + 8 <= file.length) {
    const type = file.toString("latin1", at, at + 4);
    const size = littleEndian ? file.readUInt32LE(at + 4) : file.readUInt32BE(at + 4);
    if (at + 8 + size > file.length) break;
    const content = file.subarray(at + 8, at + 8 + size);
    const prefixBytes = Object.hasOwn(containers, type) ? (containers[type] ?? 0) : null;
    const head = file.subarray(at, at + 8);
    if (prefixBytes === null || size < prefixBytes + 8)
      parts.push({ type, head, body: content, children: null });
    else {
      const children = readChunks(content.subarray(prefixBytes), littleEndian);
      parts.push({ type, head, body: content.subarray(0, prefixBytes), children });
    }
    at += 8 + size + (size & 1);
  }
  if (at < file.length) parts.push(rawPart(file.subarray(at)));
  return parts;
}

function writeChunk(part: Part, littleEndian: boolean): Buffer {
  const content = Buffer.concat([
    part.body,
    ...(part.children ?? []).map((child) => writeChunk(child, littleEndian)),
  ]);
  if (part.type === "") return content;
  const head = Buffer.alloc(8);
  head.write(part.type, 0, 4, "latin1");
  const size = (part.claimedBytes ?? content.length) >>> 0;
  if (littleEndian) head.writeUInt32LE(size, 4);
  else head.writeUInt32BE(size, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length & 1)]);
}
