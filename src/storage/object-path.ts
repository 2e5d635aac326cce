import { isDisguised } from "../http/disguised-path.js";
import type { StoredObject } from "../http/object-reader.js";

/**
 * Reads a bare `bucket/path` or `/bucket/path` reference, as apps write it into a row. Doubled slashes count as one, as
 * for Storage's clients.
 *
 * @returns null for a URL, and for a path that could lead elsewhere: with a segment `.` or `..`, an encoded slash or
 *   backslash, or control characters
 */
export function parseBareReference(reference: string): StoredObject | null {
  if (/^[a-z][a-z\d+.-]*:/i.test(reference)) return null;
  // A reference that begins with two slashes is a URL without its scheme.
  if (reference.startsWith("//")) return null;
  const [bucket, ...rest] = reference
    .replace(/^\//, "")
    .replaceAll(/\/{2,}/g, "/")
    .split("/");
  const path = rest.join("/");
  if (bucket === undefined || rest.length === 0 || !isSafeObject({ bucket, path })) return null;
  return { bucket, path };
}

export function isSafeObject({ bucket, path }: StoredObject): boolean {
  if (path.length > 1024 || bucket.includes("/") || isDisguised(`${bucket}/${path}`)) return false;
  return [bucket, ...path.split("/")].every((segment) => segment !== "" && !/[\p{Cc}\p{Cs}]/u.test(segment));
}

/** Encodes `bucket/path` for a URL, each segment by itself. */
export function encodeObject({ bucket, path }: StoredObject): string {
  return [bucket, ...path.split("/")].map(encodeURIComponent).join("/");
}
