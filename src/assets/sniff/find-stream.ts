import { findDolbyOrDts } from "./dolby-dts.js";
import { beginsAsMpegAudio, findMpegAudio } from "./mpeg-audio.js";

/** Streams may be cut anywhere; the first whole packet begins within this number of bytes. */
const searchedBytes = 64 * 1024;

/** Packets of a transport stream: plain, with a camera's time codes, or with parity. */
const packetBytes = [188, 192, 204];
const packetsNeeded = 4;
/** A whole stream begins with a packet, or with four bytes of time code before it. */
const packetStart = 5;

/**
 * Recognises sound or video without a signature at the beginning: only packets follow each other, or the beginning was
 * cut off.
 *
 * @param head the file's beginning
 * @returns FFmpeg's name of the demuxer, or null
 */
export function findStream(head: Uint8Array): string | null {
  // Frames of MP3 may be as long as packets and contain the sync byte at the same place.
  if (isTransportStream(head, beginsAsMpegAudio(head) ? packetStart : searchedBytes)) return "mpegts";
  if (hasPack(Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString("latin1"))) return "mpeg";
  if (isLoas(head)) return "loas";
  return findDolbyOrDts(head) ?? findMpegAudio(head);
}

function isTransportStream(head: Uint8Array, searched: number): boolean {
  const last = Math.min(searched, head.length);
  for (let start = head.indexOf(0x47); start !== -1 && start < last; start = head.indexOf(0x47, start + 1)) {
    // The longer the search, the likelier is a coincidence.
    const needed = start < packetStart ? packetsNeeded : 2 * packetsNeeded;
    for (const step of packetBytes) {
      if (
        Array.from({ length: needed }, (_, index) => head[start + index * step]).every(
          (byte) => byte === 0x47,
        )
      )
        return true;
    }
  }
  return false;
}

/** Finds the header of a pack of a program stream, of MPEG-2 or MPEG-1 (ISO/IEC 13818-1, 2.5.3.3; 11172-1, 2.4.3.2). */
function hasPack(text: string): boolean {
  const at = text.indexOf("\0\0\x01\xba");
  if (at === -1 || at > searchedBytes) return false;
  const marks = text.charCodeAt(at + 4);
  return at === 0 || (marks & 0xc4) === 0x44 || (marks & 0xf1) === 0x21;
}

/** Recognises AAC in LATM: frames with eleven sync bits and a length of thirteen bits (ISO/IEC 14496-3, 1.7.2). */
function isLoas(head: Uint8Array): boolean {
  let offset = 0;
  for (let frame = 0; frame < 3; frame += 1) {
    const [b0 = 0, b1 = 0, b2 = 0] = head.subarray(offset, offset + 3);
    if (b0 !== 0x56 || (b1 & 0xe0) !== 0xe0) return false;
    offset += 3 + (((b1 & 0x1f) << 8) | b2);
  }
  return true;
}
