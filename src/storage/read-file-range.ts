import { open } from "node:fs/promises";

export interface FileRange {
  readonly file: string;
  /** First byte of the range. */
  readonly start: number;
  /** First byte after the range. */
  readonly end: number;
  /** Called before the last piece is yielded. */
  readonly beforeLastPiece?: () => Promise<void>;
  /** Called when the consumer requests the next piece, with the end of the previous one in the file. */
  readonly onBytes: (position: number) => void;
}

const pieceBytes = 128 * 1024;

/** Yields the bytes of a range of a file in pieces, each read when the consumer requests it. */
export async function* readFileRange(range: FileRange): AsyncGenerator<Uint8Array> {
  const { start, end } = range;
  await using file = await open(range.file, "r");
  let position = start;
  while (position < end) {
    const piece = new Uint8Array(Math.min(pieceBytes, end - position));
    const { bytesRead } = await file.read(piece, 0, piece.length, position);
    if (bytesRead === 0) throw new Error(`${range.file} ends at ${position} bytes, before ${end}`);
    if (position + bytesRead === end) await range.beforeLastPiece?.();
    yield piece.subarray(0, bytesRead);
    position += bytesRead;
    range.onBytes(position);
  }
}
