import {
  box,
  fourCharacters,
  fullBox,
  uint16,
  uint32,
  uint32s,
  uint64s,
  uint8,
  zeros,
} from "./write-boxes.js";
import { ticksPerSecond, type Mp4Track } from "./mp4-track.js";
import { firstBytes } from "./sample-entries.js";

/** A chunk of a track: the number of its samples and its start in the file. */
export interface PlacedChunk {
  readonly sampleCount: number;
  readonly offsetBytes: number;
}

export interface MovieHeader {
  /** True for offsets of 64 bits, for films over 4 GiB. */
  readonly wideOffsets: boolean;
  readonly durationTicks: number;
  readonly title: string | null;
  readonly date: string | null;
  readonly chapters: readonly { readonly title: string; readonly startTicks: number }[];
}

/** Builds the movie box with tracks 1, 2, … of a film. It has no creation time and no name of a program, so bytes are reproducible. */
export function movieBox(
  movie: MovieHeader,
  tracks: readonly Mp4Track[],
  chunksByTrack: readonly (readonly PlacedChunk[])[],
): Buffer {
  const chapters = tracks.findIndex(({ kind }) => kind === "chapters");
  return box(
    "moov",
    movieHeader(movie.durationTicks, tracks.length + 1),
    ...tracks.map((track, index) =>
      trackBox(track, chunksByTrack[index] ?? [], {
        id: index + 1,
        durationTicks: movie.durationTicks,
        wideOffsets: movie.wideOffsets,
        chaptersId: chapters >= 0 && (track.kind === "video" || track.kind === "sound") ? chapters + 1 : null,
      }),
    ),
    userData(movie),
  );
}

function movieHeader(durationTicks: number, nextTrackId: number): Buffer {
  const fields = uint32(0, 0, ticksPerSecond, durationTicks, 0x10000);
  return fullBox("mvhd", 0, 0, fields, uint16(0x100), zeros(10), matrix(0), zeros(24), uint32(nextTrackId));
}

/** Builds a transformation matrix that moves the picture down by `y` pixels. */
function matrix(y: number): Buffer {
  return uint32(0x10000, 0, 0, 0, 0x10000, 0, 0, y * 0x10000, 0x40000000);
}

interface TrackHeader {
  readonly id: number;
  readonly durationTicks: number;
  readonly wideOffsets: boolean;
  readonly chaptersId: number | null;
}

const inMovie = 2;
const enabledInMovie = 3;

const kinds = {
  video: {
    handler: "vide",
    flags: enabledInMovie,
    group: 0,
    volume: 0,
    media: () => fullBox("vmhd", 0, 1, zeros(8)),
  },
  sound: {
    handler: "soun",
    flags: enabledInMovie,
    group: 1,
    volume: 0x100,
    media: () => fullBox("smhd", 0, 0, zeros(4)),
  },
  captions: { handler: "sbtl", flags: inMovie, group: 2, volume: 0, media: () => fullBox("nmhd", 0, 0) },
  chapters: { handler: "text", flags: inMovie, group: 0, volume: 0, media: quickTimeTextHeader },
} as const;

function trackBox(track: Mp4Track, chunks: readonly PlacedChunk[], header: TrackHeader): Buffer {
  const { handler, flags, group, volume, media } = kinds[track.kind];
  const { width, height, y } = track.place;
  const trackHeader = fullBox(
    "tkhd",
    0,
    flags,
    uint32(0, 0, header.id, 0, header.durationTicks, 0, 0),
    uint16(0, group, volume, 0),
    matrix(y),
    uint32(width * 0x10000, height * 0x10000),
  );
  const edit = fullBox("elst", 0, 0, uint32(1, header.durationTicks, track.startTicks, 0x10000));
  const reference = header.chaptersId === null ? [] : [box("tref", box("chap", uint32(header.chaptersId)))];
  const mediaTicks = track.durations.reduce((sum, duration) => sum + duration, 0);
  return box(
    "trak",
    trackHeader,
    box("edts", edit),
    ...reference,
    box(
      "mdia",
      fullBox(
        "mdhd",
        0,
        0,
        uint32(0, 0, ticksPerSecond, mediaTicks),
        uint16(packedLanguage(track.language ?? "und"), 0),
      ),
      fullBox("hdlr", 0, 0, zeros(4), fourCharacters(handler), zeros(12), zeros(1)),
      box(
        "minf",
        media(),
        box("dinf", fullBox("dref", 0, 0, uint32(1), fullBox("url ", 0, 1))),
        sampleTable(track, chunks, header.wideOffsets),
      ),
    ),
  );
}

/** Packs a language of three letters in five bits each (ISO/IEC 14496-12, 8.4.2). */
function packedLanguage(language: string): number {
  return Buffer.from(language, "latin1").reduce((packed, letter) => packed * 32 + (letter - 0x60), 0);
}

/** Builds the header of chapter tracks (QuickTime File Format, "Base media information header" and "Text media"). */
function quickTimeTextHeader(): Buffer {
  const general = fullBox("gmin", 0, 0, uint16(0x40, 0x8000, 0x8000, 0x8000, 0, 0));
  return box("gmhd", general, box("text", matrix(0)));
}

function sampleTable(track: Mp4Track, chunks: readonly PlacedChunk[], wideOffsets: boolean): Buffer {
  const { compositionOffsets, keySamples } = track;
  const optional = [];
  if (compositionOffsets !== null) optional.push(runs("ctts", compositionOffsets));
  if (keySamples !== null) {
    const numbers = keySamples.map((sample) => sample + 1);
    optional.push(fullBox("stss", 0, 0, uint32(numbers.length), uint32s(numbers)));
  }
  if (track.kind === "sound") optional.push(...decodeOneBefore(track.sizes.length));
  return box(
    "stbl",
    fullBox("stsd", 0, 0, uint32(1), track.sampleEntry),
    runs("stts", track.durations),
    ...optional,
    samplesToChunks(chunks),
    fullBox("stsz", 0, 0, uint32(0, track.sizes.length), uint32s(track.sizes)),
    chunkOffsets(
      chunks.map(({ offsetBytes }) => offsetBytes),
      wideOffsets,
    ),
  );
}

/** Builds a table of runs, each a number of samples and their common value. */
function runs(type: string, values: Uint32Array): Buffer {
  const entries: number[] = [];
  for (const value of values) {
    if (entries.at(-1) === value) entries[entries.length - 2] = (entries.at(-2) as number) + 1;
    else entries.push(1, value);
  }
  return fullBox(type, 0, 0, uint32(entries.length / 2), uint32s(entries));
}

function samplesToChunks(chunks: readonly PlacedChunk[]): Buffer {
  const entries: number[] = [];
  for (const [index, { sampleCount }] of chunks.entries()) {
    if (entries.at(-2) !== sampleCount) entries.push(index + 1, sampleCount, 1);
  }
  return fullBox("stsc", 0, 0, uint32(entries.length / 3), uint32s(entries));
}

function chunkOffsets(offsets: readonly number[], wide: boolean): Buffer {
  return wide
    ? fullBox("co64", 0, 0, uint32(offsets.length), uint64s(offsets))
    : fullBox("stco", 0, 0, uint32(offsets.length), uint32s(offsets));
}

/** Builds the "roll" groups. AAC packets overlap: after a seek, one earlier packet must be decoded first (ISO/IEC 14496-12, 10.1). */
function decodeOneBefore(sampleCount: number): Buffer[] {
  const roll = fourCharacters("roll");
  return [
    fullBox("sgpd", 1, 0, roll, uint32(2, 1), uint16(0xffff)),
    fullBox("sbgp", 0, 0, roll, uint32(1, sampleCount, 1)),
  ];
}

function userData({ title, date, chapters }: MovieHeader): Buffer {
  const items = [];
  if (title !== null) items.push(metadataItem("\u{a9}nam", title));
  if (date !== null) items.push(metadataItem("\u{a9}day", date));
  const handler = fullBox("hdlr", 0, 0, zeros(4), fourCharacters("mdirappl"), zeros(9));
  return box("udta", fullBox("meta", 0, 0, handler, box("ilst", ...items)), neroChapters(chapters));
}

function metadataItem(type: string, text: string): Buffer {
  return box(type, box("data", uint32(1, 0), Buffer.from(text)));
}

/** Builds chapters for players without support of chapter tracks: at most 255, with titles of at most 255 bytes. */
function neroChapters(chapters: MovieHeader["chapters"]): Buffer {
  const entries = chapters.slice(0, 255).flatMap(({ title, startTicks }) => {
    const bytes = firstBytes(title, 255);
    return [uint64s([Math.round((startTicks * 1e7) / ticksPerSecond)]), uint8(bytes.length), bytes];
  });
  return fullBox("chpl", 1, 0, uint32(0), uint8(Math.min(255, chapters.length)), ...entries);
}
