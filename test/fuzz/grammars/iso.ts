import { nothing, rawPart, type Field, type Grammar, type Part } from "../part.js";

/** Boxes that hold boxes, and how many bytes of fields stand before those (ISO/IEC 14496-12, 14496-14, 23008-12). */
const containers: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    "moov trak mdia minf dinf stbl edts udta moof traf mvex mfra iprp ipco sinf schi gmhd wave ilst"
      .split(" ")
      .map((type) => [type, 0]),
  ),
  meta: 4,
  stsd: 8,
  dref: 8,
  iinf: 6,
  iref: 4,
  ...Object.fromEntries(
    "avc1 hvc1 hev1 av01 vp09 mp4v s263 apcn mjpa jpeg rpza v210".split(" ").map((type) => [type, 78]),
  ),
  ...Object.fromEntries(["rle ", "png "].map((type) => [type, 78])),
  ...Object.fromEntries("mp4a Opus fLaC alac ac-3 samr sawb sowt twos".split(" ").map((type) => [type, 28])),
};

/** Version and flags, a count, then rows of numbers. */
const table = (numbersPerRow: number, rows = 3): Field[] => [
  [0, 1],
  [4, 4],
  ...Array.from({ length: numbersPerRow * rows }, (_, index): Field => [8 + index * 4, 4]),
];
const words = (first: number, count: number): Field[] =>
  Array.from({ length: count }, (_, index): Field => [first + index * 4, 4]);
const bytes = (first: number, count: number): Field[] =>
  Array.from({ length: count }, (_, index): Field => [first + index, 1]);

const visualEntry: Field[] = [[6, 2], [24, 2], [26, 2], ...words(28, 2), [40, 2], [42, 1], [74, 2]];
const soundEntry: Field[] = [
  [6, 2],
  [8, 2],
  [16, 2],
  [18, 2],
  [20, 2],
  [24, 4],
  [24, 2],
];

const fields: Readonly<Record<string, readonly Field[]>> = {
  ftyp: words(0, 4),
  mvhd: [[0, 1], ...words(12, 3), ...words(36, 9), [96, 4]],
  tkhd: [[0, 1], [3, 1], ...words(12, 4), [32, 2], [34, 2], ...words(40, 9), ...words(76, 2)],
  mdhd: [[0, 1], ...words(12, 2)],
  hdlr: words(8, 1),
  elst: table(3),
  stts: table(2, 6),
  ctts: table(2, 6),
  stsc: table(3),
  stsz: [[0, 1], ...words(4, 10)],
  stz2: words(4, 4),
  stco: table(1),
  co64: [
    [4, 4],
    [8, 8],
    [16, 8],
  ],
  stss: table(1),
  stsd: [[4, 4]],
  avcC: bytes(0, 16),
  hvcC: bytes(0, 32),
  av1C: bytes(0, 8),
  vpcC: bytes(0, 12),
  esds: bytes(4, 40),
  dOps: [[0, 1], [1, 1], [2, 2], [4, 4], [8, 2], ...bytes(10, 4)],
  dfLa: bytes(4, 12),
  colr: [
    [0, 4],
    [4, 2],
    [6, 2],
    [8, 2],
    [10, 1],
  ],
  pasp: words(0, 2),
  clap: words(0, 8),
  trun: words(0, 8),
  tfhd: words(0, 6),
  tfdt: words(0, 3),
  trex: words(4, 5),
  mfhd: words(4, 1),
  sidx: words(4, 8),
  mvex: [],
  ispe: words(4, 2),
  irot: [[0, 1]],
  imir: [[0, 1]],
  pixi: bytes(4, 4),
  ipma: bytes(3, 14),
  iloc: bytes(0, 32),
  pitm: bytes(3, 4),
  iinf: bytes(3, 4),
  infe: bytes(0, 14),
  auxC: bytes(0, 8),
  "": words(0, 8),
  ...Object.fromEntries(
    "avc1 hvc1 hev1 av01 vp09 mp4v s263 apcn rpza v210".split(" ").map((one) => [one, visualEntry]),
  ),
  ...Object.fromEntries(["rle ", "png "].map((one) => [one, visualEntry])),
  ...Object.fromEntries("mp4a Opus fLaC alac sowt twos".split(" ").map((one) => [one, soundEntry])),
};

/** ISO base media files: MP4, MOV, 3GP, M4A, HEIC, AVIF, JPEG XL in boxes. */
export const isoGrammar: Grammar = {
  name: "iso",
  littleEndian: false,
  fields,
  types: [
    ...Object.keys(containers),
    ...Object.keys(fields),
    "mdat",
    "free",
    "uuid",
    "cmov",
    "rmra",
    "grid",
    "url ",
  ],
  recognises: (file) => /^(ftyp|moov|mdat|wide|free|skip|JXL )$/.test(file.toString("latin1", 4, 8)),
  parse: (file) => readBoxes(file),
  write: (parts) => Buffer.concat(parts.map(writeBox)),
};

function readBoxes(file: Buffer): Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at + 8 <= file.length) {
    const shortSize = file.readUInt32BE(at);
    const isLong = shortSize === 1 && at + 16 <= file.length;
    const headBytes = isLong ? 16 : 8;
    const size = isLong
      ? Number(file.readBigUInt64BE(at + 8))
      : shortSize === 0
        ? file.length - at
        : shortSize;
    if (size < headBytes || at + size > file.length) break;
    const type = file.toString("latin1", at + 4, at + 8);
    parts.push(readBox(type, file.subarray(at, at + headBytes), file.subarray(at + headBytes, at + size)));
    at += size;
  }
  if (at < file.length) parts.push(rawPart(file.subarray(at)));
  return parts;
}

function readBox(type: string, head: Buffer, content: Buffer): Part {
  let prefixBytes = Object.hasOwn(containers, type) ? containers[type] : undefined;
  // QuickTime's meta is a plain box.
  if (type === "meta" && content.toString("latin1", 4, 8) === "hdlr") prefixBytes = 0;
  if (prefixBytes === undefined || content.length < prefixBytes + 8) {
    return { type, head, body: content, children: null };
  }
  return {
    type,
    head,
    body: content.subarray(0, prefixBytes),
    children: readBoxes(content.subarray(prefixBytes)),
  };
}

function writeBox(part: Part): Buffer {
  const content =
    part.children === null ? part.body : Buffer.concat([part.body, ...part.children.map(writeBox)]);
  if (part.type === "") return content;
  const head = Buffer.alloc(part.head.length === 16 ? 16 : 8);
  head.write(part.type, 4, 4, "latin1");
  const size = part.claimedBytes ?? head.length + content.length;
  if (head.length === 16) {
    head.writeUInt32BE(1, 0);
    head.writeBigUInt64BE(BigInt.asUintN(64, BigInt(Math.trunc(size))), 8);
  } else head.writeUInt32BE(size >>> 0, 0);
  return Buffer.concat([head, content.length === 0 ? nothing : content]);
}
