/** Reads the structure of MP4 files that we wrote ourselves (ISO/IEC 14496-12). They are trusted, but checked. */
import { open } from "node:fs/promises";

import { KeepsakeError } from "../errors.js";
import { fileReader, readBoxes, readFileBoxes } from "./boxes.js";

export interface Movie {
  /** Types of the top-level boxes of the file, in order. */
  readonly boxes: readonly string[];
  readonly ticksPerSecond: number;
  readonly tracks: readonly MovieTrack[];
  /** "mvhd", "trak/tkhd", "udta/meta/ilst/©nam", …: every box of the movie except those of the sample tables. */
  readonly paths: readonly string[];
  /** Items of `ilst` by type: ©nam is the title, ©day the date. */
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
  /** Ids of the tracks that contain the chapters of this one. */
  readonly chapterTrackIds: readonly number[];
  readonly edits: readonly { readonly durationTicks: number; readonly startTicks: number }[];
  readonly samples: SampleTable;
}

/** Samples in decode order. */
interface SampleTable {
  readonly count: number;
  readonly sizes: Uint32Array;
  readonly offsets: Float64Array;
  readonly durations: Uint32Array;
  /** Ticks from decoding to presentation; may be negative. */
  readonly compositionOffsets: Int32Array;
  readonly keySamples: ReadonlySet<number> | null;
}

const maxMovieBytes = 2 ** 28;

/** @throws KeepsakeError `film-damaged` when the file is not a whole MP4 file */
export async function readMovie(path: string): Promise<Movie> {
  await using file = await open(path, "r");
  const { size: fileBytes } = await file.stat();
  const readAt = fileReader(file);
  try {
    const types: string[] = [];
    let movie: Buffer | null = null;
    let end = 0;
    for await (const box of readFileBoxes(readAt, fileBytes)) {
      ({ end } = box);
      types.push(box.type);
      const contentBytes = end - box.start;
      if (box.type === "moov" && contentBytes <= maxMovieBytes) movie = await readAt(box.start, contentBytes);
    }
    if (end !== fileBytes) throw damaged("its last box does not end where the file ends");
    if (movie === null) throw damaged("it has no movie box");
    const children = childrenOf(movie);
    return {
      boxes: types,
      ticksPerSecond: required(children, "mvhd").readUInt32BE(12),
      paths: listPaths(movie, ""),
      metadata: readMetadata(children),
      tracks: children.filter(({ type }) => type === "trak").map(({ content }) => readTrack(content)),
    };
  } catch (error) {
    if (error instanceof RangeError) throw damaged("a table has fewer entries than its header claims", error);
    throw error;
  }
}

/** Finds the content of a box inside a video sample entry; null when there is no such box. */
export function videoConfig({ entry }: MovieTrack, type: string): Buffer | null {
  const fixedFields = 78;
  return childrenOf(entry.subarray(fixedFields)).find((child) => child.type === type)?.content ?? null;
}

interface Child {
  readonly type: string;
  readonly content: Buffer;
}

function childrenOf(bytes: Buffer): Child[] {
  return Array.from(readBoxes(bytes, 0, bytes.length), ({ type, start, end }) => ({
    type,
    content: bytes.subarray(start, end),
  }));
}

function find(boxes: readonly Child[], type: string): Buffer | null {
  return boxes.find((box) => box.type === type)?.content ?? null;
}

function required(boxes: readonly Child[], type: string): Buffer {
  const content = find(boxes, type);
  if (content === null) throw damaged(`its ${type} box is missing`);
  return content;
}

function readTrack(track: Buffer): MovieTrack {
  const boxes = childrenOf(track);
  const header = required(boxes, "tkhd");
  const media = childrenOf(required(boxes, "mdia"));
  const table = childrenOf(required(childrenOf(required(media, "minf")), "stbl"));
  const [entry] = childrenOf(required(table, "stsd").subarray(8));
  if (entry === undefined) throw damaged("a track has no sample entry");
  const chapters = find(childrenOf(find(boxes, "tref") ?? Buffer.alloc(0)), "chap");
  const mediaHeader = required(media, "mdhd");
  return {
    id: header.readUInt32BE(header[0] === 1 ? 20 : 12),
    enabled: ((header[3] as number) & 1) === 1,
    handler: required(media, "hdlr").toString("latin1", 8, 12),
    ticksPerSecond: mediaHeader.readUInt32BE(mediaHeader[0] === 1 ? 20 : 12),
    entryType: entry.type,
    entry: entry.content,
    chapterTrackIds: chapters === null ? [] : readUint32s(chapters, 0, chapters.length / 4),
    edits: readEdits(find(childrenOf(find(boxes, "edts") ?? Buffer.alloc(0)), "elst")),
    samples: readSamples(table),
  };
}

/** Boxes that contain only boxes (ISO/IEC 14496-12), down to the sample tables. */
const containers = new Set(["trak", "udta", "udta/meta/ilst"]);

function listPaths(bytes: Buffer, parent: string): string[] {
  return childrenOf(bytes).flatMap(({ type, content }) => {
    const path = `${parent}${type}`;
    // This is a full box: version and flags come before its boxes.
    if (path === "udta/meta") return [path, ...listPaths(content.subarray(4), `${path}/`)];
    return containers.has(path) ? [path, ...listPaths(content, `${path}/`)] : [path];
  });
}

function readMetadata(movie: readonly Child[]): Map<string, string> {
  const meta = find(childrenOf(find(movie, "udta") ?? Buffer.alloc(0)), "meta")?.subarray(4);
  const items = find(childrenOf(meta ?? Buffer.alloc(0)), "ilst") ?? Buffer.alloc(0);
  return new Map(
    childrenOf(items).map(({ type, content }) => {
      const data = find(childrenOf(content), "data") ?? Buffer.alloc(0);
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

function readSamples(table: readonly Child[]): SampleTable {
  const sizeTable = required(table, "stsz");
  const commonSize = sizeTable.readUInt32BE(4);
  const count = sizeTable.readUInt32BE(8);
  const sizes = new Uint32Array(
    commonSize === 0 ? readUint32s(sizeTable, 12, count) : new Uint32Array(count).fill(commonSize),
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
        : new Set(readUint32s(keyTable, 8, keyTable.readUInt32BE(4)).map((number) => number - 1)),
  };
}

function sampleOffsets(table: readonly Child[], sizes: Uint32Array): Float64Array {
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
  if (sample !== sizes.length) throw damaged("not every sample has an offset");
  return offsets;
}

/** Expands a table of runs, each a number of samples and their common value. */
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

function readUint32s(bytes: Buffer, offset: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => bytes.readUInt32BE(offset + 4 * index));
}

function damaged(what: string, cause?: unknown): KeepsakeError {
  return new KeepsakeError("film-damaged", `An MP4 file of the film is damaged: ${what}.`, { cause });
}
