/** Frames of AAC, each with a small header of its own (ISO/IEC 14496-3, 1.A.3.2). Ours: AAC-LC, 48 kHz, stereo. */

export const adtsHeaderBytes = 7;

/** AudioSpecificConfig of the same sound, as MP4 wants it (ISO/IEC 14496-3, 1.6.2.1): object 2, rate 3, 2 channels. */
export const aacConfig = Uint8Array.of(0x11, 0x90);

export function adtsHeader(payloadBytes: number): Buffer {
  const size = adtsHeaderBytes + payloadBytes;
  return Buffer.from([
    0xff,
    0xf1,
    (1 << 6) | (3 << 2),
    (2 << 6) | (size >> 11),
    (size >> 3) & 0xff,
    ((size & 7) << 5) | 0x1f,
    0xfc,
  ]);
}

/** Size of the frame that begins at `offset`, header included; null when no frame of ours begins there. */
export function adtsFrameBytes(bytes: Uint8Array, offset: number): number | null {
  const [a, b, c, d, e, f] = bytes.subarray(offset, offset + adtsHeaderBytes);
  if (a !== 0xff || b !== 0xf1 || c !== ((1 << 6) | (3 << 2))) return null;
  if (d === undefined || e === undefined || f === undefined || d >> 6 !== 2) return null;
  return ((d & 3) << 11) | (e << 3) | (f >> 5);
}
