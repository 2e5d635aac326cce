import type { ObjectReader } from "../http/object-reader.js";

/** Where films go. Two homes: Supabase Storage, and a local folder for the demo and for tests. */
export interface FilmStore {
  /** For humans: where films go, without keys. */
  readonly description: string;
  /** Where films go. */
  readonly bucket: string;
  /** The project's origin (scheme, host and port), from which media may always be fetched; null for a folder. */
  readonly origin: string | null;
  /**
   * Whether films can be put here: a few bytes are put there and taken away again, and nothing is left behind.
   * @throws KeepsakeError saying what is wrong and how to fix it
   */
  check(signal: AbortSignal): Promise<StoreFindings>;
  /**
   * As `check`, where nothing but its failure is of interest.
   * @throws KeepsakeError saying what is wrong and how to fix it
   */
  probe(signal: AbortSignal): Promise<void>;
  /**
   * What the bucket says is the largest file it takes, in bytes; null where it says nothing.
   * @throws KeepsakeError `film-too-large` or `storage-type-refused` where no film will ever be in it
   */
  sizeLimitBytes(signal: AbortSignal): Promise<number | null>;
  /** Reads contributors' media kept in the same store. */
  readonly objects: ObjectReader;
  /**
   * Puts one file at `path` in the films' bucket, replacing what is there. An object that already has the same
   * sha256 and fingerprint is left alone (a retry after a crash).
   * @returns the URL of the object, without query
   * @throws KeepsakeError with fault `world` or `setup`
   */
  put(upload: Upload): Promise<string>;
  /**
   * Removes the objects at these paths from the films' bucket, in this order, and abandons uploads to them.
   * @returns the paths at which there was something
   * @throws KeepsakeError with fault `world` or `setup`; what was removed until then is
   */
  remove(paths: readonly string[], signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Ends the uploads to these paths that were begun on this machine and never finished, and forgets them.
   * @returns how many there were
   */
  abandonUploads(paths: readonly string[], signal: AbortSignal): Promise<number>;
  /**
   * Whether a film that was put there is there still, as far as the store tells: of that size and fingerprint.
   * @throws KeepsakeError with fault `world` or `setup`
   */
  holds(film: StoredFilm): Promise<boolean>;
}

export interface StoredFilm extends Pick<Upload, "path" | "fingerprint" | "signal"> {
  /** Null where it is not known. */
  readonly sizeBytes: number | null;
}

export interface StoreFindings {
  /** The address that the film of the capsule of `sampleFilm` would have, without query. */
  readonly filmUrl: string;
  /** Whether anyone who knows the address of a film can see it; null for a folder. */
  readonly isPublic: boolean | null;
  /** Types of what lies beside a film, its poster and its captions, that the store does not take. */
  readonly refusedTypes: readonly Upload["contentType"][];
}

/** A film of no capsule, whose address is as long as that of any other. */
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
