import { adtsFrameBytes } from "../../media/sound/adts.js";

/** Number of consecutive frames that cannot be a coincidence. */
const framesNeeded = 3;

/**
 * Recognises MPEG audio, which has no signature, only frames that follow each other: MP3 and older layers, or AAC in
 * ADTS, possibly after an ID3 tag or other data.
 *
 * @returns FFmpeg's name of the demuxer, or null
 */
export function findMpegAudio(head: Uint8Array): "mp3" | "aac" | "flac" | "ogg" | "tta" | "ape" | null {
  const start = id3Bytes(head);
  if (start > 0 && startsWith(head, start, "fLaC")) return "flac";
  if (start > 0 && startsWith(head, start, "OggS")) return "ogg";
  if (start > 0 && startsWith(head, start, "TTA1")) return "tta";
  if (start > 0 && startsWith(head, start, "MAC ")) return "ape";
  for (let offset = start; offset + 7 <= head.length; offset += 1) {
    if (head[offset] !== 0xff) continue;
    if (follows(head, offset, adtsFrameBytes)) return "aac";
    if (follows(head, offset, mpegFrameBytes)) return "mp3";
  }
  // The tag is longer than the bytes that were read: it has a cover picture, and most files with one are MP3.
  return start > 0 && start >= head.length ? "mp3" : null;
}

/** Whether frames of MP3 or older layers begin the file, or follow its tag. */
export function beginsAsMpegAudio(head: Uint8Array): boolean {
  return follows(head, id3Bytes(head), mpegFrameBytes);
}

/** Length of an ID3v2 tag (id3.org): a header of ten bytes with a size of four times seven bits. 0 without a tag. */
export function id3Bytes(head: Uint8Array): number {
  const [i, d, three, , , , a = 0, b = 0, c = 0, e = 0] = head;
  if (i !== 0x49 || d !== 0x44 || three !== 0x33) return 0;
  return 10 + ((a & 127) << 21) + ((b & 127) << 14) + ((c & 127) << 7) + (e & 127);
}

function startsWith(head: Uint8Array, start: number, text: string): boolean {
  return Buffer.from(head.subarray(start, start + text.length)).toString("latin1") === text;
}

function follows(
  head: Uint8Array,
  start: number,
  frameBytes: (head: Uint8Array, offset: number) => number | null,
): boolean {
  let offset = start;
  for (let frame = 0; frame < framesNeeded; frame += 1) {
    // A file may be shorter than three frames; then all its bytes must be frames.
    if (offset >= head.length) return frame > 0 && offset === head.length && start === 0;
    const length = frameBytes(head, offset);
    if (length === null) return false;
    offset += length;
  }
  return true;
}

/** Kilobits per second by index: MPEG 1 layers I, II, III, then MPEG 2 layer I and layers II and III (ISO/IEC 11172-3). */
const bitRates = {
  v1l1: [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  v1l2: [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  v1l3: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  v2l1: [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  v2l23: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;

export interface MpegFrame {
  readonly bytes: number;
  readonly samples: number;
  readonly samplesPerSecond: number;
  /** Length of the side information between the header and the sound of layer III. */
  readonly sideBytes: number;
}

/** Reads the header of a frame of MPEG audio (ISO/IEC 11172-3, 2.4.1.3) at `offset`; null when there is none. */
export function mpegFrame(head: Uint8Array, offset: number): MpegFrame | null {
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0] = head.subarray(offset, offset + 4);
  if (b0 !== 0xff || (b1 & 0xe0) !== 0xe0) return null;
  const version = (b1 >> 3) & 3;
  const layer = 4 - ((b1 >> 1) & 3);
  const rateIndex = b2 >> 4;
  const samplingIndex = (b2 >> 2) & 3;
  if (version === 1 || layer === 4 || rateIndex === 0 || rateIndex === 15 || samplingIndex === 3) return null;
  const mpeg1 = version === 3;
  const table = mpeg1
    ? [bitRates.v1l1, bitRates.v1l2, bitRates.v1l3][layer - 1]
    : layer === 1
      ? bitRates.v2l1
      : bitRates.v2l23;
  const bitsPerSecond = (table?.[rateIndex - 1] ?? 0) * 1000;
  const divisor = mpeg1 ? 1 : version === 2 ? 2 : 4;
  const samplesPerSecond = ([44_100, 48_000, 32_000][samplingIndex] ?? 0) / divisor;
  const samples = layer === 1 ? 384 : layer === 3 && !mpeg1 ? 576 : 1152;
  const isMono = b3 >> 6 === 3;
  const sideBytes = mpeg1 ? (isMono ? 17 : 32) : isMono ? 9 : 17;
  const padding = (b2 >> 1) & 1;
  // A slot is one byte; in layer I it is four.
  const slotBytes = layer === 1 ? 4 : 1;
  const slots = Math.floor(((samples / 8 / slotBytes) * bitsPerSecond) / samplesPerSecond) + padding;
  return { bytes: slots * slotBytes, samples, samplesPerSecond, sideBytes };
}

function mpegFrameBytes(head: Uint8Array, offset: number): number | null {
  return mpegFrame(head, offset)?.bytes ?? null;
}
