/**
 * Each error has a fault, which decides what happens to the job:
 *
 * - `setup`: the operator's settings or database; the process stops with exit code 2 or 3. The attempt is not counted, and its
 *   job waits until the operator has fixed the setup.
 * - `job`: the job can never succeed; the attempt is rejected, and the job becomes a dead letter.
 * - `world`: network, storage, database; the attempt fails and is retried with backoff.
 * - `file`: one contributor's file; the film is made with a card in its place.
 * - `ours`: a bug or a crash; the attempt is retried a few times, and its stack is stored.
 *
 * Codes are stable and stored with attempts; a test checks that `docs/errors.md` lists them all.
 */
import { isDiskFull } from "./is-disk-full.js";

export type Fault = "setup" | "job" | "world" | "file" | "ours";

export const errorFaults = {
  // settings and start
  "setting-missing": "setup",
  "setting-invalid": "setup",
  usage: "setup",
  "music-unusable": "setup",
  "development-package-missing": "setup",
  "embedded-database-failed": "setup",
  // the database
  "database-unreachable": "world",
  "database-busy": "world",
  "database-refused": "setup",
  "database-error": "ours",
  "database-newer": "setup",
  "migration-changed": "setup",
  "schema-missing": "setup",
  "schema-outdated": "setup",
  "queue-missing": "setup",
  "rights-missing": "setup",
  "pgmq-missing": "setup",
  "pgmq-unsupported": "setup",
  "table-missing": "setup",
  "column-missing": "setup",
  "column-unusable": "setup",
  "rows-hidden": "setup",
  "capsule-table-refuses": "setup",
  // a job and its capsule
  "payload-invalid": "job",
  "capsule-not-found": "job",
  "capsule-not-closed": "job",
  "capsule-invalid": "job",
  "capsule-too-large": "job",
  "film-too-long": "job",
  "film-too-slow": "job",
  "prepared-too-large": "job",
  "nothing-to-film": "job",
  "attempt-timed-out": "world",
  "dead-letter-not-found": "setup",
  "capsule-not-stuck": "setup",
  "capsule-in-use": "world",
  "not-confirmed": "setup",
  // this process and its children
  internal: "ours",
  "child-crashed": "ours",
  "child-probe-failed": "setup",
  "child-stopped": "world",
  "child-timed-out": "ours",
  "child-killed": "ours",
  "child-cpu-exceeded": "ours",
  "child-memory-exceeded": "ours",
  "child-output-exceeded": "ours",
  "child-answer-refused": "ours",
  "preparation-differs": "ours",
  "program-failed": "ours",
  "capsule-file-unreadable": "job",
  // making the film
  "media-library-failed": "ours",
  "sound-file-short": "ours",
  "sound-outside-film": "ours",
  "sound-peak-too-high": "ours",
  "sound-unfit": "ours",
  "segment-unfit": "ours",
  "film-too-large": "setup",
  "disk-full": "setup",
  "film-damaged": "ours",
  "film-structure-wrong": "ours",
  "film-format-wrong": "ours",
  "film-tags-wrong": "ours",
  "film-chapters-wrong": "ours",
  "film-captions-wrong": "ours",
  "film-frame-count-wrong": "ours",
  "film-sample-count-wrong": "ours",
  "film-black-range": "ours",
  "film-frozen-range": "ours",
  "film-picture-wrong": "ours",
  "film-message-missing": "ours",
  "film-silent-range": "ours",
  "film-sound-wrong": "ours",
  "film-loudness-wrong": "ours",
  "film-peak-too-high": "ours",
  "media-missing": "job",
  "media-setup": "setup",
  // a contributor's file
  "media-unreachable": "world",
  "media-not-found": "file",
  "media-forbidden": "file",
  "media-address-refused": "file",
  "media-answer-unusable": "file",
  "media-too-large": "file",
  "media-empty": "file",
  "media-kind-refused": "file",
  "media-damaged": "file",
  "media-codec-unsupported": "file",
  "media-protected": "file",
  "media-limit-exceeded": "file",
  "media-nothing-inside": "file",
  "media-preparation-crashed": "file",
  "media-preparation-timed-out": "file",
  "media-preparation-killed": "file",
  "media-preparation-cpu": "file",
  "media-preparation-memory": "file",
  "media-preparation-output": "file",
  "sound-left-quiet": "file",
  "speech-not-recognised": "file",
  "poster-refused": "file",
  "captions-refused": "file",
  "field-unusable": "file",
  // the storage of films
  "storage-unavailable": "world",
  "storage-outage": "world",
  "storage-key-refused": "setup",
  "storage-bucket-missing": "setup",
  "storage-film-too-large": "setup",
  "storage-type-refused": "setup",
  "storage-refused": "setup",
} as const satisfies Record<string, Fault>;

export type ErrorCode = keyof typeof errorFaults;

export class KeepsakeError extends Error {
  override readonly name = "KeepsakeError";
  readonly code: ErrorCode;
  readonly fault: Fault;
  /** Seconds to wait before the next request, if a server required that; otherwise null. */
  readonly retryAfterSeconds: number | null;
  /** The setting that rejects a contributor's file, if another value would accept it; otherwise null. */
  readonly setting: string | null;

  /**
   * @param code stable kebab-case code
   * @param message one sentence: what is wrong, where, and how to fix it; never a key or a person's words
   */
  constructor(
    code: ErrorCode,
    message: string,
    options?: { cause?: unknown; retryAfterSeconds?: number | null; setting?: string | null },
  ) {
    super(message, options);
    this.code = code;
    this.fault = errorFaults[code];
    this.retryAfterSeconds = options?.retryAfterSeconds ?? null;
    this.setting = options?.setting ?? null;
  }
}

/** Returns a `KeepsakeError` unchanged, and any other error as the cause of a new one: `disk-full` or `internal`. */
export function toKeepsakeError(error: unknown): KeepsakeError {
  if (error instanceof KeepsakeError && (error.fault === "setup" || !isDiskFull(error))) return error;
  if (isDiskFull(error)) return diskFull(error);
  const text = error instanceof Error ? error.message : String(error);
  return new KeepsakeError("internal", `Unexpected error: ${text}`, { cause: error });
}

function diskFull(cause: unknown): KeepsakeError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new KeepsakeError(
    "disk-full",
    `The disk has no room left (${text}). Free some space, or set KEEPSAKE_WORK_FOLDER to a folder on a larger disk.`,
    { cause },
  );
}
