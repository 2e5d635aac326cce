/** Reads the structure of MP4 files that we wrote ourselves (ISO/IEC 14496-12): trusted, but checked. */
import { open, type FileHandle } from "node:fs/promises";

import { KeepsakeError } from "../errors.js";

export interface Movie {
  /** Types of the boxes of the file, in order. */
  readonly boxes: readonly string[];
  readonly ticksPerSecond: number;
  readonly tracks: readonly MovieTrack[];
  /** "mvhd", "trak/tkhd", "udta/meta/ilst/©nam", …: every box of the movie but those of the sample tables. */
  readonly paths: readonly string[];
  /** Of `ilst`, by type: ©nam is the title, ©day the date. */
  readonly metadata: ReadonlyMap<string, string>;
}

export interface MovieTrack {
  readonly id: number;
  readonly enabled: boolean;
  /** "vide", "soun", "sbtl", "text", … */
  readonly handler: string;
  readonly ticksPerSecond: number;
  /** Type and content of the first sample entry. */
  readonly entryType: string;
  readonly entry: Buffer;
  /** Ids of the tracks with this one's chapters. */
  readonly chapterTrackIds: readonly number[];
  readonly edits: readonly { readonly durationTicks: number; readonly startTicks: number }[];
  readonly samples: SampleTable;
}

/** In decode order. */
interface SampleTable {
  readonly count: number;
  readonly sizes: Uint32Array;
  readonly offsets: Float64Array;
  readonly durations: Uint32Array;
  /** Ticks from decoding to presentation; may be negative. */
  readonly compositionOffsets: Int32Array;
  readonly keySamples: ReadonlySet<number> | null;
}

const mostMovieBytes = 2 ** 28;

/** @throws KeepsakeError `film-damaged` when the file is not a whole MP4 file */
export async function readMovie(path: string): Promise<Movie> {
  const file = await open(path, "r");
  try {
    const boxes: string[] = [];
    let movie: Buffer | null = null;
    const { size: fileBytes } = await file.stat();
    for (let offset = 0; offset < fileBytes;) {
      const head = await readBytes(file, offset, 16);
      const type = head.toString("latin1", 4, 8);
      const short = head.readUInt32BE(0);
      const size = short === 1 ? Number(head.readBigUInt64BE(8)) : short;
      if (size < 8 || offset + size > fileBytes) throw damaged("a box reaches past its end");
      boxes.push(type);
      if (type === "moov" && size <= mostMovieBytes) movie = await readBytes(file, offset + 8, size - 8);
      offset += size;
    }
    if (movie === null) throw damaged("it has no movie box");
    const children = parseBoxes(movie);
    return {
      boxes,
      ticksPerSecond: required(children, "mvhd").readUInt32BE(12),
      paths: listPaths(movie, ""),
      metadata: readMetadata(children),
      tracks: children.filter(({ type }) => type === "trak").map(({ content }) => readTrack(content)),
    };
  } catch (error) {
    if (error instanceof RangeError) throw damaged("a table is shorter than it says", error);
    throw error;
  } finally {
    await file.close();
  }
}

/** The content of a box inside a sample entry of a picture, or null. */
export function videoConfig({ entry }: MovieTrack, type: string): Buffer | null {
  const fixedFields = 78;
  return parseBoxes(entry.subarray(fixedFields)).find((child) => child.type === type)?.content ?? null;
}

interface Box {
  readonly type: string;
  readonly content: Buffer;
}

function parseBoxes(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let offset = 0; offset + 8 <= bytes.length;) {
    const size = bytes.readUInt32BE(offset);
    if (size < 8 || offset + size > bytes.length) break;
    boxes.push({
      type: bytes.toString("latin1", offset + 4, offset + 8),
      content: bytes.subarray(offset + 8, offset + size),
    });
    offset += size;
  }
  return boxes;
}

function find(boxes: readonly Box[], type: string): Buffer | null {
  return boxes.find((box) => box.type === type)?.content ?? null;
}

function required(boxes: readonly Box[], type: string): Buffer {
  const content = find(boxes, type);
  if (content === null) throw damaged(`its ${type} box is missing`);
  return content;
}

function readTrack(track: Buffer): MovieTrack {
  const boxes = parseBoxes(track);
  const header = required(boxes, "tkhd");
  const media = parseBoxes(required(boxes, "mdia"));
  const table = parseBoxes(required(parseBoxes(required(media, "minf")), "stbl"));
  const [entry] = parseBoxes(required(table, "stsd").subarray(8));
  if (entry === undefined) throw damaged("a track has no sample entry");
  const chapters = find(parseBoxes(find(boxes, "tref") ?? Buffer.alloc(0)), "chap");
  const mediaHeader = required(media, "mdhd");
  return {
    id: header.readUInt32BE(header[0] === 1 ? 20 : 12),
    enabled: ((header[3] as number) & 1) === 1,
    handler: required(media, "hdlr").toString("latin1", 8, 12),
    ticksPerSecond: mediaHeader.readUInt32BE(mediaHeader[0] === 1 ? 20 : 12),
    entryType: entry.type,
    entry: entry.content,
    chapterTrackIds: chapters === null ? [] : words(chapters, 0, chapters.length / 4),
    edits: readEdits(find(parseBoxes(find(boxes, "edts") ?? Buffer.alloc(0)), "elst")),
    samples: readSamples(table),
  };
}

/** Boxes that hold nothing but boxes (ISO/IEC 14496-12), down to where sample tables begin. */
const containers = new Set(["trak", "udta", "udta/meta/ilst"]);

function listPaths(bytes: Buffer, parent: string): string[] {
  return parseBoxes(bytes).flatMap(({ type, content }) => {
    const path = `${parent}${type}`;
    // A full box: its version and flags come first.
    if (path === "udta/meta") return [path, ...listPaths(content.subarray(4), `${path}/`)];
    return containers.has(path) ? [path, ...listPaths(content, `${path}/`)] : [path];
  });
}

function readMetadata(movie: readonly Box[]): Map<string, string> {
  const meta = find(parseBoxes(find(movie, "udta") ?? Buffer.alloc(0)), "meta")?.subarray(4);
  const items = find(parseBoxes(meta ?? Buffer.alloc(0)), "ilst") ?? Buffer.alloc(0);
  return new Map(
    parseBoxes(items).map(({ type, content }) => {
      const data = find(parseBoxes(content), "data") ?? Buffer.alloc(0);
      return [type, data.toString("utf8", 8)];
    }),
  );
}

function readEdits(list: Buffer | null): MovieTrack["edits"] {
  if (list === null) return [];
  const wide = list[0] === 1;
  return Array.from({ length: list.readUInt32BE(4) }, (_, index) => ({
    durationTicks: wide ? Number(list.readBigUInt64BE(8 + 20 * index)) : list.readUInt32BE(8 + 12 * index),
    startTicks: wide ? Number(list.readBigInt64BE(16 + 20 * index)) : list.readInt32BE(12 + 12 * index),
  }));
}

function readSamples(table: readonly Box[]): SampleTable {
  const sizeTable = required(table, "stsz");
  const commonSize = sizeTable.readUInt32BE(4);
  const count = sizeTable.readUInt32BE(8);
  const sizes = new Uint32Array(
    commonSize === 0 ? words(sizeTable, 12, count) : new Uint32Array(count).fill(commonSize),
  );
  const compositionTable = find(table, "ctts");
  const keyTable = find(table, "stss");
  return {
    count,
    sizes,
    offsets: sampleOffsets(table, sizes),
    durations: new Uint32Array(expandRuns(required(table, "stts"), count)),
    compositionOffsets:
      compositionTable === null ? new Int32Array(count) : new Int32Array(expandRuns(compositionTable, count)),
    keySamples:
      keyTable === null
        ? null
        : new Set(words(keyTable, 8, keyTable.readUInt32BE(4)).map((number) => number - 1)),
  };
}

function sampleOffsets(table: readonly Box[], sizes: Uint32Array): Float64Array {
  const wideTable = find(table, "co64");
  const chunkTable = wideTable ?? required(table, "stco");
  const toChunks = required(table, "stsc");
  const runCount = toChunks.readUInt32BE(4);
  const offsets = new Float64Array(sizes.length);
  let sample = 0;
  let run = 0;
  for (let chunk = 0; chunk < chunkTable.readUInt32BE(4); chunk++) {
    if (run + 1 < runCount && toChunks.readUInt32BE(8 + 12 * (run + 1)) === chunk + 1) run += 1;
    let offset =
      wideTable === null
        ? chunkTable.readUInt32BE(8 + 4 * chunk)
        : Number(wideTable.readBigUInt64BE(8 + 8 * chunk));
    const end = Math.min(sizes.length, sample + toChunks.readUInt32BE(12 + 12 * run));
    for (; sample < end; sample++) {
      offsets[sample] = offset;
      offset += sizes[sample] as number;
    }
  }
  if (sample !== sizes.length) throw damaged("not every sample has a place");
  return offsets;
}

/** A table of (how many samples in a row, their value). */
function expandRuns(table: Buffer, count: number): number[] {
  const values: number[] = [];
  for (let entry = 0; entry < table.readUInt32BE(4); entry++) {
    const length = table.readUInt32BE(8 + 8 * entry);
    const value = table.readUInt32BE(12 + 8 * entry);
    for (let index = 0; index < length && values.length < count; index++) values.push(value);
  }
  if (values.length !== count) throw damaged("not every sample has a time");
  return values;
}

function words(bytes: Buffer, offset: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => bytes.readUInt32BE(offset + 4 * index));
}

async function readBytes(file: FileHandle, offset: number, count: number): Promise<Buffer> {
  const bytes = Buffer.alloc(count);
  await file.read(bytes, 0, count, offset);
  return bytes;
}

function damaged(what: string, cause?: unknown): KeepsakeError {
  return new KeepsakeError("film-damaged", `An MP4 file of ours is damaged: ${what}.`, { cause });
}
