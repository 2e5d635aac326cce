import { open, type FileHandle } from "node:fs/promises";

import { readFileBoxes } from "../../mp4/boxes.js";

/** Bytes of a file, read in large pieces. */
interface Bytes {
  readonly size: number;
  /** @returns up to `length` bytes from `position` on; fewer at the file's end */
  at(position: number, length: number): Promise<Buffer>;
  /** @returns position of the next `mark` from `position` on; null when there is none */
  find(mark: Buffer, position: number): Promise<number | null>;
}

/** Maximum number of recordings. A file with more is not made of files that were appended to each other. */
const maxRecordings = 1000;

/**
 * Finds the recordings in a file that consists of several ones, as in chained Ogg or from an app that stops and starts its
 * recorder. FFmpeg reads most such files only up to the end of the first recording, or treats the second as part of it.
 *
 * @param demuxer FFmpeg's short name of the container format
 * @returns the byte at which each recording begins; the first is 0
 */
export async function findRecordings(path: string, demuxer: string): Promise<readonly number[]> {
  const find = finders[demuxer];
  if (find === undefined) return [0];
  await using file = await open(path, "r");
  const { size } = await file.stat();
  const starts: number[] = [0];
  for await (const start of find(openBytes(file, size))) {
    starts.push(start);
    if (starts.length >= maxRecordings) break;
  }
  return starts;
}

type Finder = (bytes: Bytes) => AsyncGenerator<number>;

/** Finders of the recordings after the first, by demuxer. Streams without a header for the whole file need none. */
const finders: Readonly<Record<string, Finder | undefined>> = {
  mov: findMovies,
  ogg: findOggLinks,
  wav: findRiffs,
  avi: findRiffs,
  aiff: findRiffs,
  mp3: findMp3s,
  matroska: (bytes) => findMarks(bytes, "\x1a\x45\xdf\xa3", (head) => /webm|matroska/.test(head)),
  // The marker is followed by a STREAMINFO block of 34 bytes (RFC 9639, 8.2).
  flac: (bytes) => findMarks(bytes, "fLaC", (head) => /^fLaC[\0\x80]\0\0\x22/.test(head)),
  amr: (bytes) => findMarks(bytes, "#!AMR", (head) => /^#!AMR(-WB)?\n/.test(head)),
  // The header has a version, flags, its size, and then a "previous tag size" of 0 (Adobe FLV 10.1, E.2).
  flv: (bytes) => findMarks(bytes, "FLV\x01", (head) => head.startsWith("\0\0\0\x09\0\0\0\0", 5)),
  asf: findAsfs,
};

async function* findMarks(
  bytes: Bytes,
  text: string,
  isHeader: (head: string) => boolean,
): AsyncGenerator<number> {
  const mark = Buffer.from(text, "latin1");
  for (let at = await bytes.find(mark, 1); at !== null; at = await bytes.find(mark, at + 1)) {
    if (isHeader((await bytes.at(at, 64)).toString("latin1"))) yield at;
  }
}

/** Bytes from the start of a frame to its tag: header and side information, by version and number of channels. */
const tagOffsets = [4 + 32, 4 + 17, 4 + 9];

/** Finds MP3 files: a tag of LAME is only in the first frame of a file (gabriel.mp3-tech.org/mp3infotag.html). */
async function* findMp3s(bytes: Bytes): AsyncGenerator<number> {
  const marks = [Buffer.from("Xing"), Buffer.from("Info")];
  let isFirst = true;
  const after = async (position: number): Promise<number | null> => {
    const found = await Promise.all(marks.map((mark) => bytes.find(mark, position)));
    return found.reduce(
      (earliest, at) => (at !== null && (earliest === null || at < earliest) ? at : earliest),
      null,
    );
  };
  for (let at = await after(0); at !== null; at = await after(at + 1)) {
    for (const offset of tagOffsets) {
      const head = at < offset ? null : await bytes.at(at - offset, 4);
      if (head === null || !isMp3Header(head, offset)) continue;
      if (!isFirst) yield at - offset;
      isFirst = false;
      break;
    }
  }
}

/** Whether a frame of layer III has side information of that length (ISO/IEC 11172-3, 2.4.1.3). */
function isMp3Header(head: Buffer, tagOffset: number): boolean {
  const [sync = 0, kind = 0, rate = 0, mode = 0] = head;
  if (sync !== 0xff || (kind & 0xe6) !== 0xe2 || rate >> 4 === 15 || ((rate >> 2) & 3) === 3) return false;
  const isMono = mode >> 6 === 3;
  const isVersion1 = (kind & 0x18) === 0x18;
  const sideBytes = isVersion1 ? (isMono ? 17 : 32) : isMono ? 9 : 17;
  return tagOffset === 4 + sideBytes;
}

/** Finds movies: after an index and media, another `ftyp` begins another file. */
async function* findMovies(bytes: Bytes): AsyncGenerator<number> {
  let types = new Set<string>();
  let boxStart = 0;
  for await (const { type, end } of readFileBoxes(
    (position, length) => bytes.at(position, length),
    bytes.size,
  )) {
    if (type === "ftyp" && types.has("moov") && (types.has("mdat") || types.has("moof"))) {
      yield boxStart;
      types = new Set();
    }
    types.add(type);
    boxStart = end;
  }
}

/** GUID of a header object. Each object has a GUID, and its size in eight bytes (ASF 1.20.05, 2.1 and 3.1). */
const asfHeader = "3026b2758e66cf11a6d900aa0062ce6c";
const asfObjectBytes = 24;

/** Finds ASF files: another header object at the top level begins another file. */
async function* findAsfs(bytes: Bytes): AsyncGenerator<number> {
  for (let at = 0; at + asfObjectBytes <= bytes.size;) {
    const head = await bytes.at(at, asfObjectBytes);
    if (at > 0 && head.toString("hex", 0, 16) === asfHeader) yield at;
    const objectBytes = Number(head.readBigUInt64LE(16));
    if (objectBytes < asfObjectBytes) return;
    at += objectBytes;
  }
}

const oggHeaderBytes = 27;
const firstPageFlag = 2;

/** Finds the links of chained Ogg: a link begins with pages that begin streams, after pages that do not (RFC 3533, 4 and 6). */
async function* findOggLinks(bytes: Bytes): AsyncGenerator<number> {
  const mark = Buffer.from("OggS");
  let wasFirstPage = true;
  for (let at: number | null = 0; at !== null;) {
    const head = await bytes.at(at, oggHeaderBytes + 255);
    if (head.length < oggHeaderBytes) return;
    if (head.toString("latin1", 0, 4) !== "OggS") {
      at = await bytes.find(mark, at + 1);
      continue;
    }
    const isFirstPage = ((head[5] as number) & firstPageFlag) !== 0;
    if (isFirstPage && !wasFirstPage) yield at;
    wasFirstPage = isFirstPage;
    const segments = head.subarray(oggHeaderBytes, oggHeaderBytes + (head[26] as number));
    at += oggHeaderBytes + segments.length + segments.reduce((sum, length) => sum + length, 0);
  }
}

/** Finds RIFF or IFF files: the header has the length of a file, and another of the same kind may follow directly. */
async function* findRiffs(bytes: Bytes): AsyncGenerator<number> {
  const kindOf = (head: Buffer): string => head.toString("latin1", 0, 4) + head.toString("latin1", 8, 12);
  const first = await bytes.at(0, 12);
  for (let at = 0; ;) {
    const head = await bytes.at(at, 12);
    if (head.length < 12 || kindOf(head) !== kindOf(first)) return;
    if (at > 0) yield at;
    const size = head[0] === 0x46 ? head.readUInt32BE(4) : head.readUInt32LE(4);
    at += 8 + size + (size % 2);
  }
}

const pieceBytes = 2 ** 20;

function openBytes(file: FileHandle, size: number): Bytes {
  const piece = Buffer.alloc(pieceBytes);
  let pieceAt = 0;
  let pieceLength = 0;
  const at = async (position: number, length: number): Promise<Buffer> => {
    const end = Math.min(size, position + length);
    if (position < pieceAt || end > pieceAt + pieceLength) {
      // Reading from box to box needs a few bytes of each; a search needs all bytes.
      const wanted =
        position === pieceAt + pieceLength || length > 4096 ? pieceBytes : Math.max(length, 4096);
      ({ bytesRead: pieceLength } = await file.read(piece, 0, wanted, position));
      pieceAt = position;
    }
    return piece.subarray(
      position - pieceAt,
      Math.max(position, Math.min(end, pieceAt + pieceLength)) - pieceAt,
    );
  };
  return {
    size,
    at,
    async find(mark, position) {
      for (let from = position; from + mark.length <= size; from += pieceBytes - mark.length + 1) {
        const found = (await at(from, pieceBytes)).indexOf(mark);
        if (found !== -1) return from + found;
      }
      return null;
    },
  };
}
