import { ticksPerSecond } from "./mp4-track.js";
import { box, fullBox, uint16, uint32, uint8, zeros } from "./write-boxes.js";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Builds the sample entry of H.264 in BT.709, limited range, square pixels. @param avcConfig content of `avcC`: the parameter sets */
export function avcEntry({ width, height }: Size, avcConfig: Uint8Array): Buffer {
  const bt709 = 1;
  return box(
    "avc1",
    sampleEntryHead,
    zeros(16),
    uint16(width, height),
    uint32(0x480000, 0x480000, 0),
    uint16(1),
    zeros(32),
    uint16(24, 0xffff),
    box("avcC", avcConfig),
    box("colr", Buffer.from("nclx"), uint16(bt709, bt709, bt709), uint8(0)),
    box("pasp", uint32(1, 1)),
  );
}

/** Builds the sample entry of AAC, stereo at one sample per tick (ISO/IEC 14496-14, 5.6). */
export function aacEntry(audioConfig: Uint8Array, averageBitrate: number): Buffer {
  const decoderSpecific = descriptor(5, audioConfig);
  const decoder = descriptor(
    4,
    uint8(0x40, 0x15, 0, 0, 0),
    uint32(averageBitrate, averageBitrate),
    decoderSpecific,
  );
  const elementaryStream = descriptor(3, uint16(0), uint8(0), decoder, descriptor(6, uint8(2)));
  return box(
    "mp4a",
    sampleEntryHead,
    zeros(8),
    uint16(2, 16, 0, 0),
    uint32(ticksPerSecond * 0x10000),
    fullBox("esds", 0, 0, elementaryStream),
  );
}

/** Builds the sample entry of timed text (3GPP TS 26.245, 5.16): white, centred at the bottom of its track. */
export function timedTextEntry({ width, height }: Size): Buffer {
  const centred = 1;
  const atBottom = 0xff;
  // The font size is chosen for two lines in the height, and for 42 letters, half as wide as high, in the width.
  const fontSize = Math.min(255, Math.round(Math.min(height / 3, width / 22)));
  const style = [uint16(0, 0, 1), uint8(0, fontSize), uint8(255, 255, 255, 255)];
  return box(
    "tx3g",
    sampleEntryHead,
    uint32(0),
    uint8(centred, atBottom),
    zeros(4),
    uint16(0, 0, height, width),
    ...style,
    box("ftab", uint16(1, 1), uint8(5), Buffer.from("Serif")),
  );
}

/** Builds a sample of timed text: the number of its bytes, then the bytes. Empty text clears the screen. */
export function timedTextSample(text: string): Buffer {
  const bytes = firstBytes(text, 0xffff);
  return Buffer.concat([uint16(bytes.length), bytes]);
}

/** Builds the sample entry of QuickTime text, the format of chapter tracks. */
export function quickTimeTextEntry(): Buffer {
  return box("text", sampleEntryHead, zeros(44));
}

/** Builds a sample of a chapter track: the title, and a box that marks it as UTF-8. */
export function chapterSample(title: string): Buffer {
  return Buffer.concat([timedTextSample(title), box("encd", uint32(0x100))]);
}

/** Returns the beginning of a text up to a number of bytes, without cutting a character. */
export function firstBytes(text: string, maxBytes: number): Buffer {
  const bytes = Buffer.from(text);
  let end = Math.min(maxBytes, bytes.length);
  while (end < bytes.length && ((bytes[end] as number) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}

const dataReference = 1;
const sampleEntryHead = Buffer.concat([zeros(6), uint16(dataReference)]);

/** Builds an MPEG-4 descriptor (ISO/IEC 14496-1, 8.3.3); its content must be shorter than 128 bytes. */
function descriptor(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const size = content.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([uint8(tag, size), ...content]);
}
