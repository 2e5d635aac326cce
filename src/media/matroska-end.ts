import { open } from "node:fs/promises";

const segmentId = 0x18_53_80_67;
const headBytes = 4096;

/**
 * Whether a Matroska or WebM file has one segment with a known size that is complete (RFC 8794, 6; RFC 9559, 5.1): then
 * the file was not cut off.
 */
export async function isWholeMatroska(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer: head, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
  const header = readSize(head, 4);
  if (header === null || header.bytes === null) return false;
  const segment = header.end + header.bytes;
  if (segment + 12 > bytesRead || head.readUInt32BE(segment) !== segmentId) return false;
  const size = readSize(head, segment + 4);
  if (size === null || size.bytes === null) return false;
  return size.end + size.bytes <= (await file.stat()).size;
}

/** Reads a size whose leading zero bits give its number of bytes. Its `bytes` is null (unknown) when all bits are ones. */
function readSize(head: Buffer, at: number): { end: number; bytes: number | null } | null {
  const first = head[at] ?? 0;
  const length = Math.clz32(first) - 23;
  if (length > 8) return null;
  let value = first & (0xff >> length);
  let isUnknown = value === 0xff >> length;
  for (const byte of head.subarray(at + 1, at + length)) {
    value = value * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return { end: at + length, bytes: isUnknown ? null : value };
}
