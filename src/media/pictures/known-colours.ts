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

/** The numbers of ITU-T H.273 that say something, but for those that FFmpeg cannot convert from and nothing is made in. */
const primaries: ReadonlySet<number> = new Set([1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 22]);
/** Without logarithmic ones. */
const transfers: ReadonlySet<number> = new Set([1, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18]);
/** With YCgCo, which looks like nothing in any other: a file of it is refused. */
const matrices: ReadonlySet<number> = new Set([0, 1, 4, 5, 6, 7, 8, 9]);

/** Ways to store colours that no filter undoes, by the number of ITU-T H.273. */
const strangeMatrices: ReadonlyMap<number, string> = new Map([
  [8, "YCgCo"],
  [11, "YDzDx"],
  [14, "ICtCp"],
  [15, "IPT-C2"],
  [16, "YCgCo-Re"],
  [17, "YCgCo-Ro"],
]);

/** @throws KeepsakeError `media-codec-unsupported` for a photo whose colours would come out as others */
export function rejectUnsupportedMatrix({ colorSpace }: Frame): void {
  const name = strangeMatrices.get(colorSpace);
  if (name === undefined) return;
  throw new KeepsakeError(
    "media-codec-unsupported",
    `The photo's colours are stored as ${name}, which is not supported; export it as JPEG.`,
  );
}

/** A number that nobody knows says nothing; filters would refuse the picture for it. */
export function knownPrimaries(number: number): AVColorPrimaries {
  return primaries.has(number) ? (number as AVColorPrimaries) : AVCOL_PRI_UNSPECIFIED;
}

export function knownTransfer(number: number): AVColorTransferCharacteristic {
  return transfers.has(number) ? (number as AVColorTransferCharacteristic) : AVCOL_TRC_UNSPECIFIED;
}

export function knownMatrix(number: number): AVColorSpace {
  return matrices.has(number) ? (number as AVColorSpace) : AVCOL_SPC_UNSPECIFIED;
}

/** Most decoders forget such numbers by themselves; ProRes's passes them on. */
export function clearUnknownColours(frame: Frame): void {
  frame.colorPrimaries = knownPrimaries(frame.colorPrimaries);
  frame.colorTrc = knownTransfer(frame.colorTrc);
  frame.colorSpace = knownMatrix(frame.colorSpace);
}
