import type { Readable } from "node:stream";

/**
 * Reads media objects of the configured project by bucket and path. `storage/` implements it and `worker.ts`
 * hands it to the fetcher, so that the key stays in `storage/`.
 */
export interface ObjectReader {
  /** The object that a reference (URL of the own project, or bare `bucket/path`) names; null when it is not ours. */
  locate(reference: string): StoredObject | null;
  /** @throws KeepsakeError with fault `world` (try again) or `file` (gone for good) */
  open(object: StoredObject, offsetBytes: number, signal: AbortSignal): Promise<OpenedObject>;
}

export interface StoredObject {
  readonly bucket: string;
  /** Decoded path inside the bucket. */
  readonly path: string;
}

export interface OpenedObject {
  readonly body: Readable;
  /** Whole size of the object, when the store says it. */
  readonly sizeBytes: number | null;
}
