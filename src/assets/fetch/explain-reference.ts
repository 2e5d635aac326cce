export const howToWrite = "write bucket/path, or the https:// address of the file";

/** Values that apps store instead of an address, recognised by their beginnings. No server can fetch them. */
const kinds: readonly (readonly [begins: RegExp, what: string])[] = [
  [/^data:/i, "it contains the file itself as text (data:); upload the file"],
  [/^blob:/i, "it is an address inside the sender's browser (blob:); upload the file"],
  [
    /^(?:file|content|ph|assets-library|capacitor|ionic|cordova|cdvfile|filesystem|photos):/i,
    "it is a place on the sender's own device; upload the file",
  ],
  [/^[a-z]:[\\/]|^\\\\/i, "it is a place on the sender's own device; upload the file"],
  [/^(?:gs|s3|r2|az|arn|firebase):/i, "it is an address for another program (s3:, gs:)"],
  [/^(?:mailto|tel|sms|javascript|about):/i, "it is not the address of a file"],
  [/^<[a-z!/]/i, "it is HTML, not an address"],
  [/^\/\//, "it is an address without https: before it"],
  [/^[^\s/@]+@[^\s/@]+\.[a-z]+$/i, "it is an e-mail address"],
  [/^www\.[^/]+\.[a-z]+(?:\/|$)/i, "it is an address without https:// before it"],
];

/**
 * Explains why a reference is not the address of a file, and what to write instead. The text never repeats the reference.
 * @returns null when it may be an address, or is of no known kind
 */
export function explainReference(reference: string): string | null {
  const what = explainJson(reference) ?? kinds.find(([begins]) => begins.test(reference))?.[1];
  return what === undefined ? null : `${what}, and ${howToWrite}`;
}

function explainJson(reference: string): string | undefined {
  if (!/^[[{]/.test(reference)) return undefined;
  try {
    const value: unknown = JSON.parse(reference);
    return Array.isArray(value)
      ? "it is a list, but not of addresses"
      : "it is an object written as JSON, not an address";
  } catch {
    return undefined;
  }
}
