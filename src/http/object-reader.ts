import type { Readable } from "node:stream";

import type { FilePart, FileVersion } from "./range-resume.js";

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
  /** Whether there is such a bucket, and who may read it; null where that cannot be told just now. */
  findBucket(bucket: string, signal: AbortSignal): Promise<BucketAccess | null>;
  /**
   * Addresses at which an object is had without the key, if at all: by the signature that the reference holds, and as
   * anyone asks for it. None where there is no way without the key.
   */
  addressesWithoutKey(reference: string, objects: readonly StoredObject[]): readonly string[];
  /**
   * Which version of an object is there now, asked for without its bytes; null where Storage does not say that there is
   * one.
   */
  look(object: StoredObject, signal: AbortSignal): Promise<FileVersion | null>;
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

export type BucketAccess = "public" | "private" | "missing";

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
