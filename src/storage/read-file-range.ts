import { open } from "node:fs/promises";

export interface FileRange {
  readonly file: string;
  /** The first byte and the one after the last. */
  readonly start: number;
  readonly end: number;
  /** Called when the last piece is about to be handed out. */
  readonly beforeLastPiece?: () => Promise<void>;
  /** Called with the position in the file up to which everything was handed out and asked for. */
  readonly onBytes: (position: number) => void;
}

const pieceBytes = 128 * 1024;

/** The bytes of a range of a file in pieces, read as they are asked for. */
export async function* readFileRange(range: FileRange): AsyncGenerator<Uint8Array> {
  const { start, end } = range;
  const handle = await open(range.file, "r");
  try {
    let position = start;
    while (position < end) {
      const piece = new Uint8Array(Math.min(pieceBytes, end - position));
      const { bytesRead } = await handle.read(piece, 0, piece.length, position);
      if (bytesRead === 0) throw new Error(`${range.file} ends at ${position} bytes, before ${end}`);
      if (position + bytesRead === end) await range.beforeLastPiece?.();
      yield piece.subarray(0, bytesRead);
      position += bytesRead;
      range.onBytes(position);
    }
  } finally {
    await handle.close();
  }
}
