import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

/** @returns sha256, 64 hex digits */
export async function hashFile(file: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  const piece = Buffer.alloc(2 ** 20);
  for (let position = 0; ;) {
    const { bytesRead } = await file.read(piece, 0, piece.length, position);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(piece.subarray(0, bytesRead));
    position += bytesRead;
  }
}
