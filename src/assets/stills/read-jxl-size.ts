import { KeepsakeError } from "../../errors.js";
import { findBox } from "../../mp4/boxes.js";

/** Ratios of width to height, in the order of their codes in the header. */
const ratios = [null, [1, 1], [12, 10], [4, 3], [3, 2], [16, 9], [5, 4], [2, 1]] as const;

/**
 * Reads the size in the header of a JPEG XL before its orientation (ISO/IEC 18181-1, D.2), which is a bare codestream or
 * has a container (18181-2, 4.9).
 *
 * @throws KeepsakeError `media-damaged`
 */
export function readJxlSize(file: Buffer): { readonly width: number; readonly height: number } {
  const read = createBitReader(file.subarray(findCodestream(file) + 2));
  const isSmall = read(1) === 1;
  const side = (): number => (isSmall ? 8 * (read(5) + 1) : 1 + read([9, 13, 18, 30][read(2)] as number));
  const height = side();
  const ratio = ratios[read(3)] ?? null;
  return { width: ratio === null ? side() : Math.floor((height * ratio[0]) / ratio[1]), height };
}

function findCodestream(file: Buffer): number {
  if (file.readUInt16BE(0) === 0xff0a) return 0;
  const whole = { start: 0, end: file.length };
  const one = findBox(file, whole, "jxlc");
  if (one !== null) return one.start;
  const parts = findBox(file, whole, "jxlp");
  if (parts === null) throw incomplete();
  return parts.start + 4;
}

/** Creates a reader of numbers of several bits, from the lowest bit of each byte on. */
function createBitReader(bytes: Buffer): (count: number) => number {
  let at = 0;
  return (count) => {
    let value = 0;
    for (let bit = 0; bit < count; bit += 1, at += 1) {
      const byte = bytes[at >> 3];
      if (byte === undefined) throw incomplete();
      value += ((byte >> (at & 7)) & 1) * 2 ** bit;
    }
    return value;
  };
}

function incomplete(): KeepsakeError {
  return new KeepsakeError("media-damaged", "The photo is incomplete: its end is missing.");
}
