import { nothing, rawPart, type Field, type Grammar, type Part } from "../part.js";

const bytes = (first: number, count: number): Field[] =>
  Array.from({ length: count }, (_, index): Field => [first + index, 1]);
const words = (first: number, count: number): Field[] =>
  Array.from({ length: count }, (_, index): Field => [first + index * 4, 4]);

interface ChunkHead {
  readonly type: string;
  readonly headBytes: number;
  /** The length of the content. */
  readonly sizeBytes: number;
  /** Fields before inner chunks; absent where there are none. */
  readonly prefixBytes?: number;
}

interface ChunkFormat {
  readonly name: string;
  readonly littleEndian: boolean;
  readonly recognises: (file: Buffer) => boolean;
  /** Bytes before the first chunk. */
  readonly firstChunk: number;
  readonly readHead: (file: Buffer, at: number) => ChunkHead | null;
  readonly writeHead: (part: Part, sizeBytes: number) => Buffer;
  /** Bytes after each chunk, made of its size. */
  readonly writeTail?: (sizeBytes: number) => Buffer;
  readonly tailBytes?: number;
  readonly fields: Readonly<Record<string, readonly Field[]>>;
  readonly types: readonly string[];
}

/** Formats of a header and chunks that say how long they are. */
function createGrammar(format: ChunkFormat): Grammar {
  const { name, littleEndian, recognises, firstChunk, fields, types, tailBytes = 0 } = format;
  const read = (file: Buffer, start: number): Part[] => {
    const parts: Part[] = [];
    let at = start;
    for (;;) {
      const head = format.readHead(file, at);
      if (head === null || at + head.headBytes + head.sizeBytes + tailBytes > file.length) break;
      const content = file.subarray(at + head.headBytes, at + head.headBytes + head.sizeBytes);
      const { type, prefixBytes } = head;
      const inner = { type, head: file.subarray(at, at + head.headBytes) };
      if (prefixBytes === undefined || content.length < prefixBytes)
        parts.push({ ...inner, body: content, children: null });
      else
        parts.push({
          ...inner,
          body: content.subarray(0, prefixBytes),
          children: read(content, prefixBytes),
        });
      at += head.headBytes + head.sizeBytes + tailBytes;
    }
    if (at < file.length) parts.push(rawPart(file.subarray(at)));
    return parts;
  };
  const write = (part: Part): Buffer => {
    const content = Buffer.concat([part.body, ...(part.children ?? []).map(write)]);
    if (part.type === "" || part.type === "head") return content;
    const head = format.writeHead(part, part.claimedBytes ?? content.length);
    return Buffer.concat([head, content, format.writeTail?.(head.length + content.length) ?? nothing]);
  };
  return {
    name,
    littleEndian,
    recognises,
    fields: { head: bytes(0, Math.min(firstChunk, 16)), ...fields },
    types,
    parse: (file) => [
      ...(firstChunk > 0
        ? [{ type: "head", head: nothing, body: file.subarray(0, firstChunk), children: null }]
        : []),
      ...read(file, firstChunk),
    ],
    write: (parts) => Buffer.concat(parts.map(write)),
  };
}

export const cafGrammar: Grammar = createGrammar({
  name: "caf",
  littleEndian: false,
  recognises: (file) => file.toString("latin1", 0, 4) === "caff",
  firstChunk: 8,
  readHead: (file, at) =>
    at + 12 > file.length
      ? null
      : {
          type: file.toString("latin1", at, at + 4),
          headBytes: 12,
          sizeBytes: Number(file.readBigInt64BE(at + 4)) >>> 0,
        },
  writeHead(part, sizeBytes) {
    const head = Buffer.alloc(12);
    head.write(part.type, 0, 4, "latin1");
    head.writeBigInt64BE(BigInt(Math.trunc(sizeBytes)), 4);
    return head;
  },
  fields: {
    desc: [[0, 8], ...words(8, 6)],
    pakt: [[0, 8], [8, 8], ...words(16, 2), ...bytes(24, 8)],
    kuki: bytes(0, 36),
    data: words(0, 2),
    chan: words(0, 3),
  },
  types: ["desc", "data", "pakt", "kuki", "chan", "free", "info"],
});

export const flacGrammar: Grammar = createGrammar({
  name: "flac",
  littleEndian: false,
  recognises: (file) => file.toString("latin1", 0, 4) === "fLaC",
  firstChunk: 4,
  readHead: (file, at) =>
    at + 4 > file.length || file[at] === 0xff
      ? null
      : { type: `block ${file[at]}`, headBytes: 4, sizeBytes: file.readUIntBE(at + 1, 3) },
  writeHead(part, sizeBytes) {
    const head = Buffer.alloc(4);
    head[0] = Number(part.type.slice("block ".length)) & 255;
    head.writeUIntBE(Math.trunc(sizeBytes) & 0xffffff, 1, 3);
    return head;
  },
  fields: { "block 0": bytes(0, 34), "block 132": words(0, 4), "block 4": words(0, 4), "": bytes(0, 16) },
  types: ["block 0", "block 1", "block 3", "block 4", "block 6", "block 127", "block 132"],
});

export const flvGrammar: Grammar = createGrammar({
  name: "flv",
  littleEndian: false,
  recognises: (file) => file.toString("latin1", 0, 3) === "FLV",
  firstChunk: 13,
  tailBytes: 4,
  readHead: (file, at) =>
    at + 11 > file.length
      ? null
      : { type: `tag ${file[at]}`, headBytes: 11, sizeBytes: file.readUIntBE(at + 1, 3) },
  writeHead(part, sizeBytes) {
    const head = Buffer.alloc(11);
    part.head.copy(head);
    head[0] = Number(part.type.slice("tag ".length)) & 255;
    head.writeUIntBE(Math.trunc(sizeBytes) & 0xffffff, 1, 3);
    return head;
  },
  writeTail(sizeBytes) {
    const tail = Buffer.alloc(4);
    tail.writeUInt32BE(sizeBytes);
    return tail;
  },
  fields: { "tag 8": bytes(0, 6), "tag 9": bytes(0, 16), "tag 18": bytes(0, 32) },
  types: ["tag 8", "tag 9", "tag 18"],
});

const asfHeader = "3026b2758e66cf11a6d900aa0062ce6c";
const asfData = "3626b2758e66cf11a6d900aa0062ce6c";
const asfExtension = "b503bf5f2ea9cf118ee300c00c205365";

/** Fields before what is inside: a count and two reserved bytes; an extension's reserved bytes and its size. */
const asfPrefixes: Readonly<Record<string, number>> = { [asfHeader]: 6, [asfExtension]: 22 };

export const asfGrammar: Grammar = createGrammar({
  name: "asf",
  littleEndian: true,
  recognises: (file) => file.toString("hex", 0, 16) === asfHeader,
  firstChunk: 0,
  readHead(file, at) {
    if (at + 24 > file.length) return null;
    const type = file.toString("hex", at, at + 16);
    const sizeBytes = Number(file.readBigUInt64LE(at + 16)) - 24;
    if (sizeBytes < 0) return null;
    const prefixBytes = asfPrefixes[type];
    return { type, headBytes: 24, sizeBytes, ...(prefixBytes === undefined ? {} : { prefixBytes }) };
  },
  writeHead(part, sizeBytes) {
    const head = Buffer.alloc(24);
    head.write(part.type, 0, 16, "hex");
    head.writeBigUInt64LE(BigInt.asUintN(64, BigInt(Math.trunc(sizeBytes) + 24)), 16);
    return head;
  },
  fields: {
    // File properties, stream properties, data packets.
    a1dcab8c47a9cf118ee400c00c205365: [[16, 8], [40, 8], [48, 8], [56, 8], ...words(64, 4)],
    "9107dcb7b7a9cf118ee600c00c205365": [...bytes(0, 4), [32, 8], ...words(40, 2), [48, 2], ...bytes(54, 40)],
    [asfData]: bytes(24, 40),
  },
  types: [
    asfHeader,
    asfData,
    asfExtension,
    "9107dcb7b7a9cf118ee600c00c205365",
    "40a4d0d207e3d21197f000a0c95ea850",
  ],
});
