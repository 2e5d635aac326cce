import type { Readable } from "node:stream";

import type { FilePart, FileVersion } from "./resume.js";

/**
 * Reads media objects of the configured project by bucket and path. `storage/` implements it and `worker/`
 * hands it to the fetcher, so that the key stays in `storage/`.
 */
export interface ObjectReader {
  /**
   * The objects that a reference (URL of the own project, or bare `bucket/path`) may name, in the order in which they
   * should be tried; none when it is not ours.
   */
  locate(reference: string): readonly StoredObject[];
  /** Whether there is such a bucket; null where that cannot be told just now. */
  hasBucket(bucket: string, signal: AbortSignal): Promise<boolean | null>;
  /**
   * @param begun what is there already up to `offsetBytes`, if anything
   * @throws KeepsakeError with fault `world` (try again), `file` (gone for good) or `setup` (the key is refused)
   */
  open(
    object: StoredObject,
    offsetBytes: number,
    begun: FileVersion | null,
    signal: AbortSignal,
  ): Promise<OpenedObject | RedirectedObject>;
}

export interface StoredObject {
  readonly bucket: string;
  /** Decoded path inside the bucket. */
  readonly path: string;
}

export interface OpenedObject extends FilePart {
  readonly body: Readable;
}

/** The store sent the reader elsewhere; whoever goes there goes without the key. */
export interface RedirectedObject {
  readonly location: string;
}
