/**
 * Content codings that compress a body, as registered with IANA. Other values of the header compress nothing: gateways
 * leave `aws-chunked` from an upload, and apps store `utf-8`, `binary` or an empty text.
 */
const compressions: ReadonlySet<string> = new Set([
  "br",
  "compress",
  "dcb",
  "dcz",
  "deflate",
  "exi",
  "gzip",
  "pack200-gzip",
  "x-compress",
  "x-gzip",
  "zstd",
]);

/**
 * Finds the coding of a body that is compressed although no compression was requested. Compressed files are not supported:
 * photos, sound and video hardly get smaller, and after a break the rest of a compressed body cannot be requested.
 *
 * @param header `Content-Encoding`
 * @returns null for a body that is not compressed
 */
export function compressionOf(header: string | readonly string[] | undefined): string | null {
  const codings = [header ?? ""].flat().join(",").toLowerCase().split(",");
  return codings.map((coding) => coding.trim()).find((coding) => compressions.has(coding)) ?? null;
}

/** Reads the HTTP header `Retry-After`, which has seconds or a date (RFC 9110, 10.2.3), as seconds from now. */
export function readRetryAfter(header: string | string[] | undefined): number | null {
  if (typeof header !== "string") return null;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}
