import { hashFile } from "../files/hash-file.js";
import type { Film } from "../film/model/film.js";
import type { ReportProgress } from "../progress.js";
import type { Attempt } from "../queue/attempt.js";
import { withoutRefused, type RefusalWarning } from "./without-refused.js";
import { filmObject, type FilmExtension } from "./film-objects.js";
import type { FilmStore, Upload } from "../storage/film-store.js";

export interface UploadedFilm {
  readonly url: string;
  /** Null where the store refused the poster. */
  readonly posterUrl: string | null;
  readonly warnings: readonly RefusalWarning[];
}

/**
 * Uploads poster, captions and film. The film goes last: a viewer of the new film finds its poster and captions there
 * already. A poster or captions that the store refuses cost only themselves, with a warning.
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
    file: Pick<Upload, "file" | "sizeBytes" | "sha256">,
    extension: FilmExtension,
    contentType: Upload["contentType"],
  ): Promise<string> => {
    const { sizeBytes, sha256, file: path } = file;
    const startedAt = performance.now();
    const url = await store.put({
      file: path,
      sizeBytes,
      sha256,
      fingerprint: film.fingerprint,
      path: filmObject(capsuleId, extension),
      contentType,
      signal,
      fence,
      onBytes: (sentBytes) =>
        report({ stage: "uploading", done: uploaded + sentBytes, total, unit: "bytes" }),
    });
    uploaded += sizeBytes;
    const seconds = Math.round(performance.now() - startedAt) / 1000;
    log.debug({ object: filmObject(capsuleId, extension), sizeBytes, seconds }, "uploaded");
    return url;
  };
  report({ stage: "uploading", done: 0, total, unit: "bytes" });
  const warnings: RefusalWarning[] = [];
  const posterUrl = await withoutRefused("poster", warnings, () => put(poster, "jpg", "image/jpeg"));
  await withoutRefused("captions", warnings, () => put(captions, "vtt", "text/vtt"));
  const url = await put({ ...film, file: film.film }, "mp4", "video/mp4");
  report({ stage: "uploading", done: total, total, unit: "bytes" });
  return { url, posterUrl, warnings };
}
