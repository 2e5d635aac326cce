import { sniff } from "../sniff/sniff.js";

/** Where in a file the one lies that was meant to be sent. */
export interface Envelope {
  readonly startBytes: number;
  /** The file ends before these bytes, where they come; null for the end of the whole. */
  readonly delimiter: Buffer | null;
  readonly isBase64: boolean;
}

/** How much of a file is looked at: other fields of a form may come before the file. */
export const envelopeHeadBytes = 16 * 1024;

/** Blanks and a byte order mark, which what is no text does not begin with. */
const blanks = /^(?:\xef\xbb\xbf)?[\r\n\t ]{0,64}/;
const formStart = /^[\r\n]*--([^\r\n]{1,200})\r?\n/;
const partHeaders = /^(?:[\w-]{1,64}:[^\r\n]{0,1000}\r?\n){1,16}\r?\n/;
const dataAddress = /^"?data:[\w.+-]{1,64}\/[\w.+-]{1,64}(?:;[\w=."+-]{1,64})*;base64,/i;
const base64 = /^[A-Za-z\d+/\-_=\r\n\t ]+"?\s*$/;
/** Text this short is a word. */
const leastBase64 = 64;

/**
 * Uploads that were stored with what was put around them: the form they were sent in (RFC 7578), a line break, or a
 * text of base64 that spells them, as an address (RFC 2397) or alone.
 *
 * @param head the file's beginning
 * @returns null for a file that is what it is
 */
export function findEnvelope(head: Buffer): Envelope | null {
  const text = head.toString("latin1");
  const form = formStart.exec(text);
  if (form !== null) return findInForm(text, form);
  const blankBytes = blanks.exec(text)?.[0].length ?? 0;
  if (blankBytes > 0 && isPlain(head.subarray(blankBytes)) && !isPlain(head)) {
    return { startBytes: blankBytes, delimiter: null, isBase64: false };
  }
  const address = dataAddress.exec(text.slice(blankBytes))?.[0].length ?? 0;
  const startBytes = blankBytes + address;
  const spelt = text.slice(startBytes);
  if (spelt.length < leastBase64 || !base64.test(spelt) || !isPlain(Buffer.from(spelt, "base64")))
    return null;
  return { startBytes, delimiter: null, isBase64: true };
}

/** The first part of a form that is a file: it has a name, or says that it is a picture, sound or video. */
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

/** A picture, sound or video as it is. */
function isPlain(head: Buffer): boolean {
  return sniff(head).kind !== "refused";
}
