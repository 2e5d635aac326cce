import { rawPart, type Field, type Grammar, type Part } from "../part.js";

const headBytes = 27;

/** Offsets in the header before the content: version, flags, granule, serial, sequence, then the packet's first bytes. */
const pageFields: readonly Field[] = [
  [4, 1],
  [5, 1],
  [6, 8],
  [14, 4],
  [18, 4],
];
const packetFields: readonly Field[] = Array.from({ length: 40 }, (_, index): Field => [
  headBytes + index,
  1,
]);

/** Ogg pages (RFC 3533): a part's body is the page but for its segment table; checksums are put right. */
export const oggGrammar: Grammar = {
  name: "ogg",
  littleEndian: true,
  recognises: (file) => file.toString("latin1", 0, 4) === "OggS",
  fields: { OggS: [...pageFields, ...packetFields] },
  parse(file) {
    const parts: Part[] = [];
    let at = 0;
    while (at + headBytes <= file.length && file.toString("latin1", at, at + 4) === "OggS") {
      const segments = file.subarray(at + headBytes, at + headBytes + (file[at + 26] ?? 0));
      const start = at + headBytes + segments.length;
      const end = start + segments.reduce((sum, bytes) => sum + bytes, 0);
      if (end > file.length) break;
      const body = Buffer.concat([file.subarray(at, at + headBytes), file.subarray(start, end)]);
      parts.push({ type: "OggS", head: segments, body, children: null });
      at = end;
    }
    if (at < file.length) parts.push(rawPart(file.subarray(at)));
    return parts;
  },
  write: (parts) => Buffer.concat(parts.map(writePage)),
};

function writePage(part: Part): Buffer {
  if (part.type === "" || part.body.length < headBytes) return part.body;
  const content = part.body.subarray(headBytes);
  const listed = part.head.reduce((sum, bytes) => sum + bytes, 0);
  const segments = listed === content.length ? part.head : lace(content.length);
  const head = Buffer.from(part.body.subarray(0, headBytes));
  head[26] = part.claimedBytes ?? segments.length;
  head.writeUInt32LE(0, 22);
  const page = Buffer.concat([head, segments, content]);
  page.writeUInt32LE(checksum(page), 22);
  return page;
}

function lace(sizeBytes: number): Buffer {
  const whole = Math.min(254, Math.floor(sizeBytes / 255));
  return Buffer.from([
    ...Array.from({ length: whole }, () => 255),
    Math.min(255, sizeBytes - whole * 255) & 255,
  ]);
}

const table = Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

/** CRC-32 with the polynomial 04c11db7, not reflected, beginning with 0. */
function checksum(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) ^ (table[(crc >>> 24) ^ byte] ?? 0)) >>> 0;
  return crc;
}
