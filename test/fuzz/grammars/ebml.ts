import { rawPart, type Field, type Grammar, type Part } from "../part.js";

/** Elements that hold elements (RFC 9559), by their ID in hex. */
const masters = new Set(
  `1a45dfa3 18538067 114d9b74 4dbb 1549a966 1654ae6b ae e0 e1 55b0 55d0 6d80 6240 5034 5035 1f43b675 a0 75a1 a6 1c53bb6b
  bb b7 1254c367 7373 63c0 67c8 1043a770 1941a469 61a7 7670`
    .trim()
    .split(/\s+/),
);

const small: readonly Field[] = Array.from({ length: 4 }, (_, index): Field => [index, 1]);
const block: readonly Field[] = [
  [0, 1],
  [1, 2],
  [3, 1],
  [4, 1],
  [5, 1],
  [6, 1],
];

/** Matroska and WebM. */
export const ebmlGrammar: Grammar = {
  name: "ebml",
  littleEndian: false,
  recognises: (file) => file.toString("hex", 0, 4) === "1a45dfa3",
  parse: (file) => readElements(file),
  write: (parts) => Buffer.concat(parts.map(writeElement)),
  // TimestampScale, Duration, CodecID, sizes, DisplayUnit, rates, DefaultDuration, timestamps and blocks.
  fields: {
    ...Object.fromEntries(
      "2ad7b1 4489 86 b0 ba 54b0 54ba 54b2 53b8 b5 78b5 9f 6264 23e383 e7 9b ab 83 9a 56aa 56bb 5031 5032 4254 d7 9c"
        .split(" ")
        .map((id) => [id, small]),
    ),
    a3: block,
    a1: block,
    "63a2": Array.from({ length: 24 }, (_, index): Field => [index, 1]),
  },
  types: [
    "a3",
    "a1",
    "a0",
    "ae",
    "e0",
    "e1",
    "1f43b675",
    "18538067",
    "6d80",
    "6240",
    "5034",
    "4254",
    "4255",
    "ec",
  ],
};

function readElements(file: Buffer): Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at < file.length) {
    const idBytes = Math.clz32(file[at] ?? 0) - 24 + 1;
    const sizeAt = at + idBytes;
    const sizeBytes = Math.clz32(file[sizeAt] ?? 0) - 24 + 1;
    const start = sizeAt + sizeBytes;
    if (idBytes > 4 || sizeBytes > 8 || start > file.length) break;
    const id = file.toString("hex", at, sizeAt);
    const size = readSize(file.subarray(sizeAt, start));
    const end = size === null ? file.length : start + size;
    if (end > file.length) break;
    const content = file.subarray(start, end);
    const head = file.subarray(sizeAt, start);
    if (masters.has(id))
      parts.push({ type: id, head, body: Buffer.alloc(0), children: readElements(content) });
    else parts.push({ type: id, head, body: content, children: null });
    at = end;
  }
  if (at < file.length) parts.push(rawPart(file.subarray(at)));
  return parts;
}

/** Null for a size that is not known. */
function readSize(bytes: Buffer): number | null {
  const marker = 1 << (8 - bytes.length);
  const digits = [(bytes[0] ?? 0) & (marker - 1), ...bytes.subarray(1)];
  if (digits[0] === marker - 1 && digits.slice(1).every((digit) => digit === 255)) return null;
  return digits.reduce((sum, digit) => sum * 256 + digit, 0);
}

function writeElement(part: Part): Buffer {
  const content = Buffer.concat([part.body, ...(part.children ?? []).map(writeElement)]);
  if (part.type === "") return content;
  const known = readSize(part.head) !== null || part.claimedBytes !== undefined;
  const size = part.claimedBytes ?? content.length;
  const head = known ? sizeOf(size, part.head.length) : part.head;
  return Buffer.concat([Buffer.from(part.type, "hex"), head, content]);
}

/** Writes the number in its former number of bytes, or in as many as it needs. */
function sizeOf(size: number, minBytes: number): Buffer {
  let length = Math.max(1, Math.min(8, minBytes));
  while (length < 8 && size >= 2 ** (7 * length) - 1) length += 1;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(Math.max(0, Math.trunc(size)))));
  const out = Buffer.from(bytes.subarray(8 - length));
  out[0] = ((out[0] ?? 0) & ((1 << (8 - length)) - 1)) | (1 << (8 - length));
  return out;
}
