/** Frames of AAC, each with its own short header (ADTS: ISO/IEC 14496-3, 1.A.3.2). */

export const adtsHeaderBytes = 7;

/** The first three bytes of every frame that we write: no checksum, AAC-LC, 48 kHz. Stereo follows in the fourth. */
const filmHeader = [0xff, 0xf1, (1 << 6) | (3 << 2)] as const;

/** AudioSpecificConfig of the film's sound for MP4 (ISO/IEC 14496-3, 1.6.2.1): object 2, rate 3, 2 channels. */
export const aacConfig = Uint8Array.of(0x11, 0x90);

/** The header of a frame of the film's sound. */
export function adtsHeader(payloadBytes: number): Buffer {
  const size = adtsHeaderBytes + payloadBytes;
  return Buffer.from([
    ...filmHeader,
    (2 << 6) | (size >> 11),
    (size >> 3) & 0xff,
    ((size & 7) << 5) | 0x1f,
    0xfc,
  ]);
}

/** Size of the frame that begins at `offset`, with its header; null where no frame begins. */
export function adtsFrameBytes(bytes: Uint8Array, offset: number): number | null {
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0] = bytes.subarray(offset, offset + 6);
  if (b0 !== 0xff || (b1 & 0xf6) !== 0xf0 || ((b2 >> 2) & 15) > 12) return null;
  const size = ((b3 & 3) << 11) | (b4 << 3) | (b5 >> 5);
  return size >= adtsHeaderBytes ? size : null;
}

/** The same for our own files. Null also for a frame of any other kind of AAC, and for one with an incomplete header. */
export function filmFrameBytes(bytes: Uint8Array, offset: number): number | null {
  const header = bytes.subarray(offset, offset + adtsHeaderBytes);
  const isStereo = (header[3] ?? 0) >> 6 === 2;
  if (header.length < adtsHeaderBytes || !isStereo) return null;
  return filmHeader.every((byte, index) => header[index] === byte) ? adtsFrameBytes(bytes, offset) : null;
}
