/** Number of consecutive frames that cannot be a coincidence. */
const framesNeeded = 3;

/** Sync words of DTS frames (ETSI TS 102 114, 5.3): of 16 or 14 bits, in both byte orders. */
const dtsSyncs: ReadonlySet<string> = new Set(["7ffe8001", "fe7f0180", "1fffe800", "ff1f00e8"]);

/**
 * Recognises the sound of a film disc or a broadcast without a container: AC-3, Enhanced AC-3 or DTS.
 *
 * @returns FFmpeg's name of the demuxer, or null
 */
export function findDolbyOrDts(head: Uint8Array): "ac3" | "eac3" | "dts" | null {
  const beginning = Buffer.from(head.subarray(0, 4)).toString("hex");
  if (dtsSyncs.has(beginning)) return "dts";
  let offset = 0;
  let frames = 0;
  while (frames < framesNeeded && offset < head.length) {
    const frameBytes = dolbyFrameBytes(head, offset);
    if (frameBytes === null) return null;
    offset += frameBytes;
    frames += 1;
  }
  if (frames === 0) return null;
  return isEnhanced(head, 0) ? "eac3" : "ac3";
}

/** Kilobits per second, indexed by half the frame size code (ETSI TS 102 366, table F.5). */
const bitRates = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];

/** Enhanced AC-3 has a bitstream identification above 10 (ETSI TS 102 366, E.1.3.1.6). */
function isEnhanced(head: Uint8Array, offset: number): boolean {
  return (head[offset + 5] ?? 0) >> 3 > 10;
}

function dolbyFrameBytes(head: Uint8Array, offset: number): number | null {
  const [b0, b1, b2 = 0, b3 = 0, b4 = 0, b5 = 0] = head.subarray(offset, offset + 6);
  if (b0 !== 0x0b || b1 !== 0x77 || b5 >> 3 > 16) return null;
  if (isEnhanced(head, offset)) return ((((b2 & 7) << 8) | b3) + 1) * 2;
  const kilobits = bitRates[(b4 & 63) >> 1];
  if (kilobits === undefined || b4 >> 6 === 3) return null;
  if (b4 >> 6 === 0) return kilobits * 4;
  if (b4 >> 6 === 2) return kilobits * 6;
  // At 44,100 samples per second the last bit adds a word.
  return (Math.floor((kilobits * 320) / 147) + (b4 & 1)) * 2;
}
