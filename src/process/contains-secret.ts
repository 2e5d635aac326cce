/** What keys and passwords look like, wherever they stand in a text. */
const looks: readonly RegExp[] = [
  /sb_secret_/,
  // A JSON web token.
  /eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+/,
  // An address with a password.
  /:\/\/[^\s/]*:[^\s/]+@/,
];

/** A few letters that are no key may well stand in another setting too. */
const leastCharacters = 20;

/** Whether a text looks as if it held a key or a password, or holds one of these, which are known. */
export function containsSecret(text: string, known: readonly string[]): boolean {
  return (
    looks.some((look) => look.test(text)) ||
    known.some((one) => one.length >= leastCharacters && text.includes(one))
  );
}
