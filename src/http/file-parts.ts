/**
 * Reads files over HTTP in parts, so that a transfer that broke off continues where it ended, and only with the same
 * version of the file.
 */
import { compressionOf } from "./reply-headers.js";

/** The version of a file, as described by the reply that began its transfer. */
export interface FileVersion {
  /** A strong ETag or a safe date; null when the server sends neither, and the transfer cannot be continued. */
  readonly validator: string | null;
  /** Size of the whole file; null when it is unknown. */
  readonly sizeBytes: number | null;
}

/** The part of a file that a reply contains: all of it, or the rest from an offset on. */
export interface FilePart extends FileVersion {
  readonly offsetBytes: number;
}

/**
 * The meaning of a reply to a request for a file. `restart`: the reply does not contain the requested rest, so the file must be
 * requested from its beginning. `other`: the status is not one of a file.
 */
export type FileReply =
  | { readonly kind: "part"; readonly part: FilePart }
  | { readonly kind: "compressed"; readonly coding: string }
  | { readonly kind: "restart" }
  | { readonly kind: "other" };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Headers that request the rest of a file if it is still the same version, and otherwise all of it. */
export function resumeHeaders(offsetBytes: number, version: FileVersion | null): Record<string, string> {
  if (offsetBytes === 0 || version === null || version.validator === null) return {};
  return { range: `bytes=${offsetBytes}-`, "if-range": version.validator };
}

/**
 * Reads which part of a file a reply contains.
 *
 * @param begun the version whose first `offsetBytes` are already stored; servers that do not support `If-Range` send the
 *   rest of the current version, so the reply is compared with it
 */
export function readFileReply(
  { status, headers }: { readonly status: number; readonly headers: Headers },
  offsetBytes: number,
  begun: FileVersion | null,
): FileReply {
  if (status === 416 && offsetBytes > 0) return { kind: "restart" };
  if (status !== 200 && status !== 206) return { kind: "other" };
  const coding = compressionOf(headers["content-encoding"]);
  if (coding !== null) return { kind: "compressed", coding };
  const part = readPart(status, headers, offsetBytes, begun);
  return part === null ? { kind: "restart" } : { kind: "part", part };
}

/** The version that a reply to HEAD describes; null when the reply is not that of a whole file. */
export function readVersionReply(reply: {
  readonly status: number;
  readonly headers: Headers;
}): FileVersion | null {
  const read = reply.status === 200 ? readFileReply(reply, 0, null) : null;
  return read?.kind === "part" ? read.part : null;
}

/**
 * Identifies the bytes of a file by its size and strong ETag, so that a later request can detect a change
 * without fetching them. Null when the server does not send both.
 */
export function versionOf({ validator, sizeBytes }: FileVersion): string | null {
  return sizeBytes !== null && validator?.startsWith('"') === true ? `${sizeBytes} ${validator}` : null;
}

function readPart(
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
 * A strong ETag, or else the date of the last change when it is at least one second older than the reply: a file may
 * change twice within a second (RFC 9110, 8.8.2.2 and 13.1.5).
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
