/** Parses a reply as JSON. @returns null for other text: the error page of a proxy, or half a reply */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
