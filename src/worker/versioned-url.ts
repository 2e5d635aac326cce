/** A film that was made again has another address, so no cache serves the old one. */
export function versionedUrl(url: string, fingerprint: string): string {
  return `${url}?v=${fingerprint.slice(0, 12)}`;
}
