/** The seconds that an HTTP header `Retry-After` asks for, as seconds or as a date (RFC 9110, 10.2.3). */
export function readRetryAfter(header: string | string[] | undefined): number | null {
  if (typeof header !== "string") return null;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}
