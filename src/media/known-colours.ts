import {
  AVCOL_PRI_UNSPECIFIED,
  AVCOL_SPC_UNSPECIFIED,
  AVCOL_TRC_UNSPECIFIED,
  type AVColorPrimaries,
  type AVColorSpace,
  type AVColorTransferCharacteristic,
} from "node-av/constants";
import type { Frame } from "node-av/lib";

/** The numbers of ITU-T H.273 that say something, but for those that FFmpeg cannot convert from and nothing is made in. */
const primaries: ReadonlySet<number> = new Set([1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 22]);
/** Without logarithmic ones. */
const transfers: ReadonlySet<number> = new Set([1, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18]);
/** With YCgCo, which looks like nothing in any other: a file of it is refused. */
const matrices: ReadonlySet<number> = new Set([0, 1, 4, 5, 6, 7, 8, 9]);

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
export function forgetUnknownColours(frame: Frame): void {
  frame.colorPrimaries = knownPrimaries(frame.colorPrimaries);
  frame.colorTrc = knownTransfer(frame.colorTrc);
  frame.colorSpace = knownMatrix(frame.colorSpace);
}
