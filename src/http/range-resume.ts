/** What is known of a file from the answer that began it, so that the rest is only taken from the same file. */
export interface FileVersion {
  /** A strong ETag or a safe date; null where the server gives neither, and nothing is taken up again. */
  readonly validator: string | null;
  /** Of the whole file, when it is known. */
  readonly sizeBytes: number | null;
}

/** What an answer has of a file: all of it, or its rest from some byte on. */
export interface FilePart extends FileVersion {
  readonly offsetBytes: number;
}

/**
 * The size and the strong ETag of a file, by which it is known to be the same bytes without being fetched; null where the
 * server does not give both.
 */
export function versionOf({ validator, sizeBytes }: FileVersion): string | null {
  return sizeBytes !== null && validator?.startsWith('"') === true ? `${sizeBytes} ${validator}` : null;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Headers that ask for the rest of a file if it is still the same one, and for all of it otherwise. */
export function resumeHeaders(offsetBytes: number, version: FileVersion | null): Record<string, string> {
  if (offsetBytes === 0 || version === null || version.validator === null) return {};
  return { range: `bytes=${offsetBytes}-`, "if-range": version.validator };
}

/**
 * Reads which part of a file an answer of status 200 or 206 has.
 *
 * @param begun the version that is there up to `offsetBytes`; servers that do not know `If-Range` send the rest of
 *   whatever the file is now, so what they sent is compared with it
 * @returns null when it is not the rest that was asked for: it must be asked for from the start
 */
export function readPart(
  status: 200 | 206,
  headers: Headers,
  offsetBytes: number,
  begun: FileVersion | null,
): FilePart | null {
  const validator = readValidator(headers);
  if (status === 200) return { offsetBytes: 0, sizeBytes: toSize(headers["content-length"]), validator };
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(String(headers["content-range"])) ?? [];
  const sizeBytes = toSize(total);
  if (Number(start) !== offsetBytes) return null;
  if (offsetBytes === 0) return { offsetBytes, sizeBytes, validator };
  if (begun === null || validator === null || validator !== begun.validator) return null;
  if (begun.sizeBytes !== null && sizeBytes !== null && sizeBytes !== begun.sizeBytes) return null;
  return { offsetBytes, sizeBytes, validator };
}

/**
 * A strong ETag, else the date of the last change where it is older than the answer by a second at least: a file may
 * change twice in one (RFC 9110, 8.8.2.2 and 13.1.5).
 */
function readValidator(headers: Headers): string | null {
  const { etag, date, "last-modified": modified } = headers;
  if (typeof etag === "string") return etag.startsWith('"') ? etag : null;
  if (typeof modified !== "string" || typeof date !== "string") return null;
  return Date.parse(date) - Date.parse(modified) >= 1000 ? modified : null;
}

function toSize(text: string | string[] | undefined): number | null {
  const size = typeof text === "string" ? Number(text) : NaN;
  return Number.isSafeInteger(size) && size >= 0 ? size : null;
}
