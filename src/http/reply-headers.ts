/**
 * Codings that pack a body, by IANA's registry of content codings. Other words there pack nothing: gateways leave
 * `aws-chunked` from an upload, and apps store `utf-8`, `binary` or an empty text.
 */
const packings: ReadonlySet<string> = new Set([
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
 * The coding that a body is packed with although it was asked for as it is; null where it is not packed. Packed files
 * are not unpacked here: photos, sound and video hardly get smaller by it, and the rest of a packed body cannot be
 * asked for where a transfer broke off.
 *
 * @param header `Content-Encoding`
 */
export function packingOf(header: string | readonly string[] | undefined): string | null {
  const codings = [header ?? ""].flat().join(",").toLowerCase().split(",");
  return codings.map((coding) => coding.trim()).find((coding) => packings.has(coding)) ?? null;
}
