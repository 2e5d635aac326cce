import { open, type FileHandle } from "node:fs/promises";

import { id3Bytes, mpegFrame } from "../sniff/mpeg-audio.js";

/** Containers whose header has the length. For others FFmpeg guesses it. */
const containersWithLength: ReadonlySet<string> = new Set([
  "mov",
  "matroska",
  "avi",
  "asf",
  "flv",
  "flac",
  "aiff",
  "au",
]);

/** A longer claim is ignored: no file of this length is accepted, and programs write such values for an unknown length. */
const implausibleSeconds = 3600 * 6;

/**
 * Reads the length that a file claims, whether or not the file is complete.
 *
 * @param demuxerSeconds length by FFmpeg, for some containers only of the part that exists
 * @returns null when the file does not claim a length
 */
export async function readClaimedSeconds(
  path: string,
  demuxer: string,
  demuxerSeconds: number | null,
): Promise<number | null> {
  const seconds = await claimOf(path, demuxer, demuxerSeconds);
  return seconds !== null && seconds > 0 && seconds < implausibleSeconds ? seconds : null;
}

async function claimOf(path: string, demuxer: string, demuxerSeconds: number | null): Promise<number | null> {
  if (containersWithLength.has(demuxer)) return demuxerSeconds;
  const read = readers[demuxer];
  if (read === undefined) return null;
  await using file = await open(path, "r");
  return (await read(file)) ?? (demuxer === "caf" ? demuxerSeconds : null);
}

const readers: Readonly<Record<string, ((file: FileHandle) => Promise<number | null>) | undefined>> = {
  wav: readWaveSeconds,
  caf: readCafSeconds,
  mp3: readMp3Seconds,
};

/** Reads packets of constant size, such as PCM (Apple's Core Audio Format, `desc` and `data`). Other files have a table. */
async function readCafSeconds(file: FileHandle): Promise<number | null> {
  let secondsPerByte = 0;
  const head = Buffer.alloc(12 + 32);
  for (let at = 8; ;) {
    const { bytesRead } = await file.read(head, 0, head.length, at);
    if (bytesRead < 12) return null;
    const name = head.toString("latin1", 0, 4);
    const size = Number(head.readBigInt64BE(4));
    if (name === "desc" && bytesRead === head.length) {
      const [packetBytes, packetFrames] = [head.readUInt32BE(28), head.readUInt32BE(32)];
      secondsPerByte = packetBytes > 0 ? packetFrames / packetBytes / head.readDoubleBE(12) : 0;
    }
    // The data begin with an edit count of four bytes. An unknown size is -1.
    if (name === "data") return size > 4 && secondsPerByte > 0 ? (size - 4) * secondsPerByte : null;
    if (size < 0) return null;
    at += 12 + size;
  }
}

/** Programs that write to a pipe claim a size of about two or four gigabytes. */
const unknownBytes = 0x7f_ff_00_00;

/** Divides the size of `data` by the bytes per second in `fmt `. Each chunk has a header of eight bytes. */
async function readWaveSeconds(file: FileHandle): Promise<number | null> {
  let bytesPerSecond = 0;
  const head = Buffer.alloc(20);
  for (let at = 12; ;) {
    const { bytesRead } = await file.read(head, 0, head.length, at);
    if (bytesRead < head.length) return null;
    const name = head.toString("latin1", 0, 4);
    const size = head.readUInt32LE(4);
    if (name === "fmt ") bytesPerSecond = head.readUInt32LE(16);
    if (name === "data") return size < unknownBytes && bytesPerSecond > 0 ? size / bytesPerSecond : null;
    at += 8 + size + (size % 2);
  }
}

/** The first frame has at most 1,441 bytes. */
const firstFrameBytes = 2048;

/** Reads the number of frames from the tag in the first frame: Xing's or LAME's after the side information, or Fraunhofer's. */
async function readMp3Seconds(file: FileHandle): Promise<number | null> {
  const bytes = Buffer.alloc(firstFrameBytes);
  await file.read(bytes, 0, 10, 0);
  await file.read(bytes, 0, bytes.length, id3Bytes(bytes));
  const frame = mpegFrame(bytes, 0);
  if (frame === null) return null;
  const frameSeconds = frame.samples / frame.samplesPerSecond;
  const tag = 4 + frame.sideBytes;
  const hasFrames = (bytes.readUInt32BE(tag + 4) & 1) !== 0;
  if (["Xing", "Info"].includes(bytes.toString("latin1", tag, tag + 4)))
    return hasFrames ? bytes.readUInt32BE(tag + 8) * frameSeconds : null;
  const isFraunhofer = bytes.toString("latin1", 36, 40) === "VBRI";
  return isFraunhofer ? bytes.readUInt32BE(36 + 14) * frameSeconds : null;
}
