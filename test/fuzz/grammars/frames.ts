import { nothing, rawPart, type Field, type Grammar, type Part } from "../part.js";

const bytes = (count: number): Field[] => Array.from({ length: count }, (_, index): Field => [index, 1]);

/** One frame after another, each with its own header: what is called a stream. */
function createGrammar(
  name: string,
  recognises: (file: Buffer) => boolean,
  /** The offset of the first frame. */
  firstFrame: (file: Buffer) => number,
  /** Returns the length of the frame at an offset, or null. */
  frameBytes: (file: Buffer, at: number) => number | null,
): Grammar {
  return {
    name,
    littleEndian: false,
    recognises,
    fields: { head: bytes(24), frame: bytes(12) },
    types: ["frame"],
    parse(file) {
      let at = firstFrame(file);
      const parts: Part[] =
        at > 0 ? [{ type: "head", head: nothing, body: file.subarray(0, at), children: null }] : [];
      for (;;) {
        const size = frameBytes(file, at);
        if (size === null || size < 1 || at + size > file.length) break;
        parts.push({ type: "frame", head: nothing, body: file.subarray(at, at + size), children: null });
        at += size;
      }
      if (at < file.length) parts.push(rawPart(file.subarray(at)));
      return parts;
    },
    write: (parts) => Buffer.concat(parts.map(({ body }) => body)),
  };
}

export const adtsGrammar: Grammar = createGrammar(
  "adts",
  (file) => file[0] === 0xff && ((file[1] ?? 0) & 0xf6) === 0xf0,
  () => 0,
  (file, at) => {
    if (at + 7 > file.length || file[at] !== 0xff) return null;
    return (((file[at + 3] ?? 0) & 3) << 11) | ((file[at + 4] ?? 0) << 3) | ((file[at + 5] ?? 0) >> 5);
  },
);

/** Bytes of a frame with its header, by its mode (RFC 4867). */
const narrowBytes = [13, 14, 16, 18, 20, 21, 27, 32, 6];
const wideBytes = [18, 24, 33, 37, 41, 47, 51, 59, 61, 6];

export const amrGrammar: Grammar = createGrammar(
  "amr",
  (file) => file.toString("latin1", 0, 5) === "#!AMR",
  (file) => file.indexOf(0x0a) + 1,
  (file, at) => {
    if (at >= file.length) return null;
    const sizes = file.toString("latin1", 5, 8) === "-WB" ? wideBytes : narrowBytes;
    return sizes[((file[at] ?? 0) >> 3) & 15] ?? 1;
  },
);

/** Sizes of MP3 frames are found by their next sync word: every frame of a file begins alike. */
export const mp3Grammar: Grammar = createGrammar(
  "mp3",
  (file) => file.toString("latin1", 0, 3) === "ID3" || (file[0] === 0xff && ((file[1] ?? 0) & 0xfe) === 0xfa),
  (file) => Math.max(0, file.indexOf(Buffer.from([0xff, 0xfb]))),
  (file, at) => {
    if (at + 4 > file.length) return null;
    const next = file.indexOf(file.subarray(at, at + 2), at + 24);
    return next === -1 ? file.length - at : next - at;
  },
);

/** Elementary and program streams: everything between two start codes. */
export const startCodeGrammar: Grammar = createGrammar(
  "mpeg",
  (file) => file.toString("hex", 0, 3) === "000001",
  () => 0,
  (file, at) => {
    if (at + 4 > file.length) return null;
    const next = file.indexOf(Buffer.from([0, 0, 1]), at + 3);
    return next === -1 ? file.length - at : next - at;
  },
);

/** WavPack: blocks that say how long they are (WavPack 4 and 5 binary format). */
export const wavPackGrammar: Grammar = createGrammar(
  "wavpack",
  (file) => file.toString("latin1", 0, 4) === "wvpk",
  () => 0,
  (file, at) => (at + 8 > file.length ? null : file.readUInt32LE(at + 4) + 8),
);

/** A dictation machine's header of two blocks, then blocks of sound. */
export const dssGrammar: Grammar = createGrammar(
  "dss",
  (file) => file.toString("latin1", 1, 4) === "dss",
  () => 1024,
  (file, at) => (at + 512 > file.length ? null : 512),
);

/** QOA: a header, then frames that say how long they are. */
export const qoaGrammar: Grammar = createGrammar(
  "qoa",
  (file) => file.toString("latin1", 0, 4) === "qoaf",
  () => 8,
  (file, at) => (at + 8 > file.length ? null : file.readUInt16BE(at + 6)),
);
