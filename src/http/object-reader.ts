import type { Readable } from "node:stream";

import type { FilePart, FileVersion } from "./file-parts.js";

/**
 * Reads objects of the configured project by bucket and path. `storage/` implements it and `worker/` passes it to the
 * fetcher, so that the key stays in `storage/`.
 */
export interface ObjectReader {
  /**
   * The objects that a reference (a URL of the project, or a bare `bucket/path`) may name, in the order in which they
   * should be tried; none when it is not a reference to the project.
   */
  locate(reference: string): readonly StoredObject[];
  /** Whether a bucket exists, and who may read it; null when that cannot be found out now. */
  findBucket(bucket: string, signal: AbortSignal): Promise<BucketAccess | null>;
  /**
   * Addresses at which objects may be readable without the key: the signed address that the reference is, and public
   * addresses. None when the store cannot be read without its key.
   */
  addressesWithoutKey(reference: string, objects: readonly StoredObject[]): readonly string[];
  /** The current version of an object, requested without its bytes; null when Storage does not confirm that it exists. */
  readVersion(object: StoredObject, signal: AbortSignal): Promise<FileVersion | null>;
  /**
   * @param begun the version whose first `offsetBytes` are already stored, if any
   * @throws KeepsakeError with fault `world` (try again), `file` (gone for good) or `setup` (the key is rejected)
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

/** The store redirected to another address, which must be requested without the key. */
export interface RedirectedObject {
  readonly location: string;
}

/**
 * Names a bucket in a sentence that is logged. References are untrusted: a name that no bucket may have can be any
 * user content, and is not repeated.
 */
export function nameBucket(bucket: string): string {
  return /^[\w.-]{1,63}$/.test(bucket) ? `bucket ${bucket}` : "a bucket with an invalid name";
}
