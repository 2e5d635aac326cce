/**
 * A file as its format sees it: parts (boxes, chunks, pages, packets) that may hold parts. A grammar reads a file into
 * them and writes them again with sizes and checksums put right, so that what a mutation does is not stopped at the door.
 */
export interface Part {
  /** The name in the format, such as `moov` or `IHDR`; empty for bytes that the grammar does not parse. */
  readonly type: string;
  /** The data of the part's header that the grammar needs to write it again. */
  readonly head: Buffer;
  /** The content, or what stands in it before the children. */
  body: Buffer;
  readonly children: Part[] | null;
  /** Written as the size instead of the true one. */
  claimedBytes?: number;
}

/** A number in the body of a part. */
export type Field = readonly [offset: number, bytes: 1 | 2 | 4 | 8];

export interface Grammar {
  readonly name: string;
  readonly littleEndian: boolean;
  recognises(file: Buffer): boolean;
  /** Never throws: what makes no sense becomes a part without a type. */
  parse(file: Buffer): Part[];
  write(parts: readonly Part[]): Buffer;
  /** Offsets of numbers by type, where decoders decide by single numbers. */
  readonly fields?: Readonly<Record<string, readonly Field[]>>;
  /** Names of parts that the file may not have. */
  readonly types?: readonly string[];
}

export const nothing: Buffer = Buffer.alloc(0);

export function rawPart(body: Buffer): Part {
  return { type: "", head: nothing, body, children: null };
}

/** All parts of a file, with the list each one stands in. */
export function listParts(parts: Part[]): { readonly part: Part; readonly siblings: Part[] }[] {
  return parts.flatMap((part) => [
    { part, siblings: parts },
    ...(part.children === null ? [] : listParts(part.children)),
  ]);
}

export function copyPart(part: Part): Part {
  return { ...part, body: Buffer.from(part.body), children: part.children?.map(copyPart) ?? null };
}
