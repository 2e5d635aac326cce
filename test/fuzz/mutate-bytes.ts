import { changeNumber } from "./mutate-numbers.js";
import type { Chance } from "./random.js";

/** Words of many formats; where one stands by chance, a parser may begin to believe. */
const tokens: readonly Buffer[] =
  "ftyp moov mdat meta stsd hvcC avc1 Exif ICC_PROFILE RIFF LIST data OggS OpusHead fLaC ID3 IDAT acTL #EXTM3U ffconcat file: http:// %PDF <svg #!AMR"
    .split(" ")
    .map((token) => Buffer.from(token, "latin1"));
const markers: readonly Buffer[] =
  "ffd8ffe1 ffd9 ffda 1a45dfa3 1f43b675 000001b3 000001ba 00000001 47400010 fff15080 fffb9064 ffffffff 00000000 7fc00000 7f800000 80000000"
    .split(" ")
    .map((hex) => Buffer.from(hex, "hex"));

/** Changes that know nothing of the format. */
export function mutateBytes(
  file: Buffer,
  donor: Buffer,
  chance: Chance,
): { readonly file: Buffer; readonly what: string } {
  const length = file.length;
  const at = chance.below(length + 1);
  const span = Math.min(length - at, chance.pick([1, 2, 4, 8, 16, 64, 256, 1024, 4096, length]));
  const copy = Buffer.from(file);
  const insert = (bytes: Buffer): Buffer => Buffer.concat([file.subarray(0, at), bytes, file.subarray(at)]);
  return chance.pick<() => { file: Buffer; what: string }>([
    () => {
      const count = length === 0 ? 0 : 1 + chance.below(8);
      for (let index = 0; index < count; index += 1) {
        const place = chance.below(length);
        copy[place] = (copy[place] ?? 0) ^ (1 << chance.below(8));
      }
      return { file: copy, what: `${count} bits turned` };
    },
    () => {
      const width = chance.pick([1, 2, 4, 8] as const);
      if (length < width) return { file, what: "nothing" };
      const place = chance.below(length - width + 1);
      return { file: copy, what: `${place}: ${changeNumber(copy, place, width, chance.oneIn(2), chance)}` };
    },
    () => ({ file: file.subarray(0, at), what: `cut at ${at}` }),
    () => ({
      file: Buffer.concat([file.subarray(0, at), file.subarray(at + span)]),
      what: `${at}: ${span} bytes taken out`,
    }),
    () => ({ file: insert(file.subarray(at, at + span)), what: `${at}: ${span} bytes twice` }),
    () => ({
      file: insert(Buffer.alloc(span, chance.pick([0, 255, 0x47, 0x20]))),
      what: `${at}: a run of ${span} put in`,
    }),
    () => ({
      file: copy.fill(chance.pick([0, 255]), at, at + span),
      what: `${at}: a run of ${span} over it`,
    }),
    () => {
      chance.bytes(Math.min(span, 256)).copy(copy, at);
      return { file: copy, what: `${at}: noise` };
    },
    () => {
      const token = chance.pick(chance.oneIn(2) ? tokens : markers);
      token.copy(copy, at);
      return { file: copy, what: `${at}: ${token.toString("hex")}` };
    },
    () => {
      const from = chance.below(donor.length + 1);
      return {
        file: Buffer.concat([file.subarray(0, at), donor.subarray(from)]),
        what: `from ${at} on the donor's end`,
      };
    },
    () => {
      const from = chance.below(donor.length + 1);
      return { file: insert(donor.subarray(from, from + span)), what: `${at}: ${span} bytes of the donor` };
    },
  ])();
}
