import { element, openElement } from "./ebml.js";

export interface MatroskaTrack {
  /** Value at a time in seconds, mono. */
  readonly at: (time: number) => number;
  readonly isDefault: boolean;
  /** ISO 639-2/B. */
  readonly language?: string;
}

const rate = 48_000;
const blockMs = 100;

/** A Matroska file of sound tracks of 16 bits, mono, at 48 kHz (RFC 9559). */
export function matroskaSound(tracks: readonly MatroskaTrack[], seconds: number): Buffer {
  const byte = (value: number): Buffer => Buffer.from([value]);
  const entries = tracks.map(({ isDefault, language = "und" }, index) =>
    element(
      "ae",
      element("d7", byte(index + 1)),
      element("73c5", byte(index + 1)),
      element("83", byte(2)),
      element("88", byte(isDefault ? 1 : 0)),
      element("22b59c", Buffer.from(language)),
      element("86", Buffer.from("A_PCM/INT/LIT")),
      element("e1", element("b5", double(rate)), element("9f", byte(1)), element("6264", byte(16))),
    ),
  );
  const clusters = Array.from({ length: Math.ceil(seconds) }, (_, second) => {
    const start = Buffer.alloc(4);
    start.writeUInt32BE(1000 * second);
    const blocks = Array.from({ length: (1000 / blockMs) * tracks.length }, (__, index) => {
      const [track, block] = [index % tracks.length, Math.floor(index / tracks.length)];
      return element("a3", blockOf(track, second, block, tracks[track] as MatroskaTrack));
    });
    return element("1f43b675", element("e7", start), ...blocks);
  });
  return Buffer.concat([
    element("1a45dfa3", element("4282", Buffer.from("matroska"))),
    openElement(
      "18538067",
      element("1549a966", element("2ad7b1", Buffer.from("0f4240", "hex"))),
      element("1654ae6b", ...entries),
      ...clusters,
    ),
  ]);
}

function blockOf(track: number, second: number, block: number, { at }: MatroskaTrack): Buffer {
  const count = (rate * blockMs) / 1000;
  const bytes = Buffer.alloc(4 + 2 * count);
  bytes.writeUInt8(0x81 + track);
  bytes.writeInt16BE(block * blockMs, 1);
  bytes.writeUInt8(0x80, 3);
  for (let index = 0; index < count; index++) {
    const time = second + (block * blockMs) / 1000 + index / rate;
    bytes.writeInt16LE(Math.round(32_767 * at(time)), 4 + 2 * index);
  }
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}
