import type { JpegStructure } from "./read-jpeg.js";

const coefficients = 64;

/**
 * Finds out how much detail the scans of a progressive JPEG have (ITU-T T.81, G.1.1). `coarse`: all components have their
 * mean values, and the first one, the brightness, has the next coefficient. With less, a photo is a field of blurred
 * squares, and the result is `none`.
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
