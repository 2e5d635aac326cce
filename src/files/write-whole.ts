import type { FileHandle } from "node:fs/promises";

/**
 * Writes all bytes. The last write before a disk is full may be short, which is not an error by itself.
 *
 * @param positionBytes position in the file; null for the end of the last write
 * @throws an error of the system: ENOSPC, EDQUOT, EFBIG, …
 */
export async function writeWhole(
  file: FileHandle,
  bytes: Uint8Array,
  positionBytes: number | null = null,
): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const position = positionBytes === null ? null : positionBytes + written;
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position);
    written += bytesWritten;
  }
}
