import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";

export interface HashedFile {
  readonly sizeBytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

const pieceBytes = 1024 * 1024;

/**
 * Reads a file to its end.
 *
 * @param file a path, or an open file, which stays open and is read from its beginning
 */
export async function hashFile(file: string | FileHandle): Promise<HashedFile> {
  if (typeof file !== "string") return await hashOpenFile(file);
  await using opened = await open(file);
  return await hashOpenFile(opened);
}

async function hashOpenFile(file: FileHandle): Promise<HashedFile> {
  const hash = createHash("sha256");
  const piece = Buffer.alloc(pieceBytes);
  for (let sizeBytes = 0; ;) {
    const { bytesRead } = await file.read(piece, 0, piece.length, sizeBytes);
    if (bytesRead === 0) return { sizeBytes, sha256: hash.digest("hex") };
    hash.update(piece.subarray(0, bytesRead));
    sizeBytes += bytesRead;
  }
}
