import {
  AVCOL_PRI_UNSPECIFIED,
  AVCOL_SPC_UNSPECIFIED,
  AVCOL_TRC_UNSPECIFIED,
  type AVColorPrimaries,
  type AVColorSpace,
  type AVColorTransferCharacteristic,
} from "node-av/constants";
import type { Frame } from "node-av/lib";

import { KeepsakeError } from "../../errors.js";

/** Known colour primaries of ITU-T H.273, except those that FFmpeg cannot convert and no recorder uses. */
const primaries: ReadonlySet<number> = new Set([1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 22]);
/** Known transfer characteristics, except logarithmic ones. */
const transfers: ReadonlySet<number> = new Set([1, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18]);
/** Known matrices, including YCgCo: it cannot be approximated by another one, so such a file is rejected. */
const matrices: ReadonlySet<number> = new Set([0, 1, 4, 5, 6, 7, 8, 9]);

/** Matrices that no filter can convert, by their numbers in ITU-T H.273. */
const unsupportedMatrices: ReadonlyMap<number, string> = new Map([
  [8, "YCgCo"],
  [11, "YDzDx"],
  [14, "ICtCp"],
  [15, "IPT-C2"],
  [16, "YCgCo-Re"],
  [17, "YCgCo-Ro"],
]);

/** @throws KeepsakeError `media-codec-unsupported` for a photo whose colours would be wrong */
export function rejectUnsupportedMatrix({ colorSpace }: Frame): void {
  const name = unsupportedMatrices.get(colorSpace);
  if (name === undefined) return;
  throw new KeepsakeError(
    "media-codec-unsupported",
    `The photo's colours are stored as ${name}, which is not supported; export it as JPEG.`,
  );
}

/** Replaces an unknown number by "unspecified", because filters would reject the picture. */
export function knownPrimaries(number: number): AVColorPrimaries {
  return primaries.has(number) ? (number as AVColorPrimaries) : AVCOL_PRI_UNSPECIFIED;
}

export function knownTransfer(number: number): AVColorTransferCharacteristic {
  return transfers.has(number) ? (number as AVColorTransferCharacteristic) : AVCOL_TRC_UNSPECIFIED;
}

export function knownMatrix(number: number): AVColorSpace {
  return matrices.has(number) ? (number as AVColorSpace) : AVCOL_SPC_UNSPECIFIED;
}

/** Replaces unknown numbers. Most decoders do this themselves; the one for ProRes does not. */
export function clearUnknownColours(frame: Frame): void {
  frame.colorPrimaries = knownPrimaries(frame.colorPrimaries);
  frame.colorTrc = knownTransfer(frame.colorTrc);
  frame.colorSpace = knownMatrix(frame.colorSpace);
}
