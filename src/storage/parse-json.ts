/** @returns null for what is no JSON: a proxy's page, or half an answer */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
