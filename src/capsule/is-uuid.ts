/** Whether a text is a UUID in the form of PostgreSQL, in lower or upper case. */
export function isUuid(text: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
}
