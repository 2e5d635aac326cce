import { open } from "node:fs/promises";

const headBytes = 4096;
const firstChunk = 8;
const chunkOverhead = 12;

/**
 * Whether a PNG has code points for its colours (chunk cICP, PNG, third edition, 11.3.2.6), like screenshots of high
 * dynamic range. The chunk is before the pixels.
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
