import type { StoredObject } from "../object-reader.js";

/**
 * Reads a bare `bucket/path` reference, as apps write it into a row. No URL, no absolute path, and no segment that
 * could lead elsewhere: `.`, `..`, an empty one, or control characters.
 *
 * @returns null for anything else
 */
export function parseBareReference(reference: string): StoredObject | null {
  if (/^[a-z][a-z\d+.-]*:/i.test(reference)) return null;
  const [bucket, ...rest] = reference.split("/");
  const path = rest.join("/");
  if (bucket === undefined || rest.length === 0 || !isSafeObject({ bucket, path })) return null;
  return { bucket, path };
}

export function isSafeObject({ bucket, path }: StoredObject): boolean {
  if (path.length > 1024) return false;
  return [bucket, ...path.split("/")].every(
    (segment) => segment !== "" && segment !== "." && segment !== ".." && !/[\p{Cc}\p{Cs}\\]/u.test(segment),
  );
}

/** `bucket/path` for a URL, each segment encoded by itself. */
export function encodeObject({ bucket, path }: StoredObject): string {
  return [bucket, ...path.split("/")].map(encodeURIComponent).join("/");
}
