import { constants } from "node:os";

import { AV_NOPTS_VALUE } from "node-av/constants";
import { FFmpegError, PosixError } from "node-av/lib";

import { KeepsakeError, type ErrorCode } from "../errors.js";

/**
 * @param result what a call of node-av returned; negative is an error
 * @param doing what was tried, for the sentence: "open the file"
 * @returns the result
 * @throws KeepsakeError with `code`, or `disk-full`
 */
export function throwIfFailed(result: number, doing: string, code: ErrorCode = "media-damaged"): number {
  if (result >= 0) return result;
  if (fullDisk.has(result)) {
    throw new KeepsakeError(
      "disk-full",
      `Could not ${doing}: the disk has no room left. Free some, or set KEEPSAKE_WORK_FOLDER to a larger disk.`,
    );
  }
  throw new KeepsakeError(code, `Could not ${doing}: ${FFmpegError.strerror(result)}.`);
}

/** AVERROR of errno(3): no room on the disk, or none of the user's quota, of which the library has no name. */
const fullDisk: ReadonlySet<number> = new Set([
  FFmpegError.AVERROR(PosixError.ENOSPC),
  -constants.errno.EDQUOT,
]);

/** Seconds of a timestamp, or null where the file gives none. */
export function toSeconds(
  timestamp: bigint,
  timeBase: { readonly num: number; readonly den: number },
): number | null {
  if (timestamp === AV_NOPTS_VALUE || timeBase.den === 0) return null;
  return (Number(timestamp) * timeBase.num) / timeBase.den;
}
