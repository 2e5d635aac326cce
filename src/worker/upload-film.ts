import { hashFile } from "../files/hash-file.js";
import { KeepsakeError, type ErrorCode } from "../errors.js";
import type { Film } from "../film/model/film.js";
import type { ReportProgress } from "../progress.js";
import type { Attempt } from "../queue/attempt.js";
import type { FilmStore, Upload } from "../storage/film-store.js";
import { filmObject, versionedUrl, type FilmExtension } from "./film-objects.js";

export interface UploadedFilm {
  /** Versioned by the film's fingerprint, like `posterUrl`. */
  readonly url: string;
  /** Null where the store rejected the poster. */
  readonly posterUrl: string | null;
  readonly warnings: readonly UploadWarning[];
}

interface UploadWarning {
  readonly messageId: null;
  readonly field: string;
  readonly code: ErrorCode;
  readonly reason: string;
}

/** Errors that concern one object alone: its type, its size or another of its properties. */
const objectErrors: ReadonlySet<ErrorCode> = new Set([
  "storage-type-refused",
  "storage-film-too-large",
  "storage-refused",
]);

/**
 * Uploads poster, captions and film. The film is uploaded last, so that its poster and captions exist before it can be
 * viewed. A poster or captions that the store rejects are left out, with a warning.
 */
export async function uploadFilm(
  film: Film,
  { capsuleId, signal, fence, log }: Attempt,
  store: FilmStore,
  report: ReportProgress,
): Promise<UploadedFilm> {
  const poster = { file: film.poster, ...(await hashFile(film.poster)) };
  const captions = { file: film.captions, ...(await hashFile(film.captions)) };
  const total = poster.sizeBytes + captions.sizeBytes + film.sizeBytes;
  let uploaded = 0;
  const put = async (
    { file, sizeBytes, sha256 }: Pick<Upload, "file" | "sizeBytes" | "sha256">,
    extension: FilmExtension,
    contentType: Upload["contentType"],
  ): Promise<string> => {
    const path = filmObject(capsuleId, extension);
    const startedAt = performance.now();
    const url = await store.put({
      file,
      sizeBytes,
      sha256,
      fingerprint: film.fingerprint,
      path,
      contentType,
      signal,
      fence,
      onBytes: (sentBytes) =>
        report({ stage: "uploading", done: uploaded + sentBytes, total, unit: "bytes" }),
    });
    uploaded += sizeBytes;
    const seconds = Math.round(performance.now() - startedAt) / 1000;
    log.debug({ object: path, sizeBytes, seconds }, "uploaded");
    return versionedUrl(url, film.fingerprint);
  };
  report({ stage: "uploading", done: 0, total, unit: "bytes" });
  const warnings: UploadWarning[] = [];
  const posterUrl = await unlessRejected("poster", warnings, () => put(poster, "jpg", "image/jpeg"));
  await unlessRejected("captions", warnings, () => put(captions, "vtt", "text/vtt"));
  const url = await put({ ...film, file: film.film }, "mp4", "video/mp4");
  report({ stage: "uploading", done: total, total, unit: "bytes" });
  return { url, posterUrl, warnings };
}

/**
 * @param warnings receives `poster-refused` or `captions-refused`, with the store's reason
 * @returns null where the object was rejected
 * @throws every error that also concerns the film: a temporary one, or a key or a bucket that is not accepted
 */
async function unlessRejected<Result>(
  what: "poster" | "captions",
  warnings: UploadWarning[],
  put: () => Promise<Result>,
): Promise<Result | null> {
  try {
    return await put();
  } catch (error) {
    if (!(error instanceof KeepsakeError) || !objectErrors.has(error.code)) throw error;
    const reason = `The film is published without its ${what}: ${error.message}`;
    warnings.push({ messageId: null, field: what, code: `${what}-refused`, reason });
    return null;
  }
}
