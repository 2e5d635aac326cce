/** Patterns of keys and passwords, anywhere in a text. */
const patterns: readonly RegExp[] = [
  /sb_secret_/,
  // A JSON web token.
  /eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+/,
  // An address with a password.
  /:\/\/[^\s/]*:[^\s/]+@/,
];

/** A shorter value is no key and may also occur in other settings. */
const minCharacters = 20;

/** Whether a text contains a pattern of a key or password, or one of the known ones. */
export function containsSecret(text: string, known: readonly string[]): boolean {
  return (
    patterns.some((pattern) => pattern.test(text)) ||
    known.some((one) => one.length >= minCharacters && text.includes(one))
  );
}
