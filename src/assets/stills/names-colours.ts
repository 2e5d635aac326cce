import { open } from "node:fs/promises";

const headBytes = 4096;
const firstChunk = 8;
const chunkOverhead = 12;

/**
 * True for a PNG that says in numbers what its colours are (chunk cICP, PNG specification, third edition, 11.3.2.6), as
 * screenshots of high dynamic range do. The chunk stands before the pixels.
 */
export async function namesColours(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
  for (let at = firstChunk; at + chunkOverhead <= bytesRead; at += chunkOverhead + buffer.readUInt32BE(at)) {
    const type = buffer.toString("latin1", at + 4, at + 8);
    if (type === "cICP") return true;
    if (type === "IDAT") return false;
  }
  return false;
}
