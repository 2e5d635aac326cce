import type { FileHandle } from "node:fs/promises";

/**
 * Writes all of it: the last write before a disk is full may be a short one, which no error tells.
 *
 * @param positionBytes where in the file; null: where the last write ended
 * @throws Error of the system: ENOSPC, EDQUOT, EFBIG, …
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
