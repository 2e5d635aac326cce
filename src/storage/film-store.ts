import type { ObjectReader } from "../http/object-reader.js";

/** Stores films. There are two implementations: Supabase Storage, and a local folder for the demo and for tests. */
export interface FilmStore {
  /** Names the place of films in messages, without keys. */
  readonly description: string;
  /** Bucket of the films. */
  readonly bucket: string;
  /** The project's origin (scheme, host and port), from which media may always be fetched; null for a folder. */
  readonly origin: string | null;
  /**
   * Checks whether films can be stored: writes a few bytes and removes them again.
   * @throws KeepsakeError that says what is wrong and how to fix it
   */
  check(signal: AbortSignal): Promise<StoreFindings>;
  /**
   * The same as `check`, for callers that need only its failure.
   * @throws KeepsakeError that says what is wrong and how to fix it
   */
  probe(signal: AbortSignal): Promise<void>;
  /**
   * The bucket's size limit for a file in bytes; null when it has none.
   * @throws KeepsakeError `film-too-large` or `storage-type-refused` when the bucket can never store a film
   */
  sizeLimitBytes(signal: AbortSignal): Promise<number | null>;
  /** Reads contributors' media in the same store. */
  readonly objects: ObjectReader;
  /**
   * Stores one file at `path` in the films' bucket and replaces what is there. An object that already has the same
   * sha256 and fingerprint is not uploaded again (a retry after a crash).
   * @returns the URL of the object, without query
   * @throws KeepsakeError with fault `world` or `setup`
   */
  put(upload: Upload): Promise<string>;
  /**
   * Removes the objects at these paths from the films' bucket, in this order, and cancels uploads to them.
   * @returns the paths at which there was something
   * @throws KeepsakeError with fault `world` or `setup`; objects that were removed before stay removed
   */
  remove(paths: readonly string[], signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Cancels the uploads to these paths that this machine began and did not finish, and removes their notes.
   * @returns the number of uploads
   */
  cancelUploads(paths: readonly string[], signal: AbortSignal): Promise<number>;
  /**
   * Whether a stored film is still there with its size and fingerprint, as far as the store reports them.
   * @throws KeepsakeError with fault `world` or `setup`
   */
  has(film: StoredFilm): Promise<boolean>;
}

export interface StoredFilm extends Pick<Upload, "path" | "fingerprint" | "signal"> {
  /** Null when it is unknown. */
  readonly sizeBytes: number | null;
}

export interface StoreFindings {
  /** Address of a film at `sampleFilm`, without query. */
  readonly filmUrl: string;
  /** Whether anyone who knows the address of a film can see it; null for a folder. */
  readonly isPublic: boolean | null;
  /** Types of the files beside a film (poster, captions) that the store rejects. */
  readonly rejectedTypes: readonly Upload["contentType"][];
}

/** Path that belongs to no capsule, for an example of an address. It is as long as the path of any film. */
export const sampleFilm = "00000000-0000-0000-0000-000000000000.mp4";

export interface Upload {
  /** File on disk. */
  readonly file: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly fingerprint: string;
  /** Object path inside the bucket: `{capsule_id}.mp4` or `{capsule_id}.jpg`. */
  readonly path: string;
  readonly contentType: "video/mp4" | "image/jpeg" | "text/vtt";
  readonly signal: AbortSignal;
  readonly onBytes: (sentBytes: number) => void;
  /** Called right before the bytes that complete the object; throws when the lease is lost. */
  readonly fence: () => Promise<void>;
}
