import { sniff } from "../sniff/sniff.js";

/** The position of the file that was meant to be uploaded inside the stored one. */
export interface Envelope {
  readonly startBytes: number;
  /** The inner file ends before these bytes; null when it ends with the stored file. */
  readonly delimiter: Buffer | null;
  readonly isBase64: boolean;
}

/** Number of bytes that are searched: other fields of a form may precede the file. */
export const envelopeHeadBytes = 16 * 1024;

/** Blanks and a byte order mark. No media file begins with them. */
const blanks = /^(?:\xef\xbb\xbf)?[\r\n\t ]{0,64}/;
const formStart = /^[\r\n]*--([^\r\n]{1,200})\r?\n/;
const partHeaders = /^(?:[\w-]{1,64}:[^\r\n]{0,1000}\r?\n){1,16}\r?\n/;
const dataAddress = /^"?data:[\w.+-]{1,64}\/[\w.+-]{1,64}(?:;[\w=."+-]{1,64})*;base64,/i;
const base64 = /^[A-Za-z\d+/\-_=\r\n\t ]+"?\s*$/;
/** A shorter text counts as words, not as Base64. */
const minBase64Characters = 64;

/**
 * Recognises uploads that were stored with their transport: inside the form they were sent in (RFC 7578), after a line
 * break, or as Base64, alone or in a data URL (RFC 2397).
 *
 * @param head the file's beginning
 * @returns null for a file that is not wrapped
 */
export function findEnvelope(head: Buffer): Envelope | null {
  const text = head.toString("latin1");
  const form = formStart.exec(text);
  if (form !== null) return findInForm(text, form);
  const blankBytes = blanks.exec(text)?.[0].length ?? 0;
  if (blankBytes > 0 && isMedia(head.subarray(blankBytes)) && !isMedia(head)) {
    return { startBytes: blankBytes, delimiter: null, isBase64: false };
  }
  const address = dataAddress.exec(text.slice(blankBytes))?.[0].length ?? 0;
  const startBytes = blankBytes + address;
  const encoded = text.slice(startBytes);
  if (
    encoded.length < minBase64Characters ||
    !base64.test(encoded) ||
    !isMedia(Buffer.from(encoded, "base64"))
  )
    return null;
  return { startBytes, delimiter: null, isBase64: true };
}

/** Finds the first part of a form that is a file: it has a file name, or the type of a picture, sound or video. */
function findInForm(text: string, form: RegExpExecArray): Envelope | null {
  const boundary = form[1] ?? "";
  const mark = `\n--${boundary}`;
  for (let at = form[0].length; at > 0;) {
    const headers = partHeaders.exec(text.slice(at))?.[0] ?? null;
    if (headers === null || !/content-disposition:\s*form-data/i.test(headers)) return null;
    if (/filename\*?=/i.test(headers) || /content-type:\s*(image|audio|video)\//i.test(headers)) {
      const isBase64 = /content-transfer-encoding:\s*base64/i.test(headers);
      return { startBytes: at + headers.length, delimiter: Buffer.from(`\r${mark}`, "latin1"), isBase64 };
    }
    const next = text.indexOf(mark, at);
    at = next === -1 ? 0 : text.indexOf("\n", next + mark.length) + 1;
  }
  return null;
}

/** Whether the bytes are a picture, sound or video without anything around it. */
function isMedia(head: Buffer): boolean {
  return sniff(head).kind !== "unsupported";
}
