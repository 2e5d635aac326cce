import { crc32 } from "node:zlib";

interface PngChunk {
  readonly type: string;
  readonly body: Buffer;
}

const signatureBytes = 8;
const overheadBytes = 12;

/** Reads the chunks of a PNG (third edition, 5.3). The last one may be incomplete. */
export function readPngChunks(file: Buffer): PngChunk[] {
  const chunks: PngChunk[] = [];
  for (let at = signatureBytes; at + 8 <= file.length;) {
    const sizeBytes = file.readUInt32BE(at);
    const type = file.toString("latin1", at + 4, at + 8);
    chunks.push({ type, body: file.subarray(at + 8, at + 8 + sizeBytes) });
    at += overheadBytes + sizeBytes;
  }
  return chunks;
}

export function writePngChunk(type: string, body: Buffer): Buffer {
  const chunk = Buffer.alloc(overheadBytes + body.length);
  chunk.writeUInt32BE(body.length, 0);
  chunk.write(type, 4, "latin1");
  body.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + body.length)), 8 + body.length);
  return chunk;
}
