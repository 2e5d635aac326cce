import type { JpegStructure } from "./read-jpeg.js";

const coefficients = 64;

/**
 * How much of its detail the scans of a progressive JPEG bring (ITU-T T.81, G.1.1): `coarse` where all components have
 * their mean values and the first, which is its brightness, the detail next to those. With less than that a photo is a
 * field of blurred squares.
 */
export function jpegDetail({
  componentIds,
  scans,
}: Pick<JpegStructure, "componentIds" | "scans">): "all" | "coarse" | "none" {
  const missing = componentIds.map(() => Array.from({ length: coefficients }, () => Infinity));
  for (const scan of scans) {
    for (const id of scan.componentIds) {
      missing[componentIds.indexOf(id)]?.fill(
        scan.missingBits,
        scan.firstCoefficient,
        scan.lastCoefficient + 1,
      );
    }
  }
  if (missing.flat().every((bits) => bits === 0)) return "all";
  const hasMeans = missing.every(([mean = Infinity]) => mean < Infinity);
  return hasMeans && (missing[0]?.[1] ?? Infinity) < Infinity ? "coarse" : "none";
}
