import { constants } from "node:os";

import { AV_NOPTS_VALUE } from "node-av/constants";
import { FFmpegError, PosixError } from "node-av/lib";

import { KeepsakeError, type ErrorCode } from "../errors.js";

/**
 * @param result result of a call of node-av; negative is an error
 * @param doing the attempted action, for the message: "open the file"
 * @returns the result
 * @throws KeepsakeError with `code`, or `disk-full`
 */
export function throwIfFailed(result: number, doing: string, code: ErrorCode = "media-damaged"): number {
  if (result >= 0) return result;
  if (fullDisk.has(result)) {
    throw new KeepsakeError(
      "disk-full",
      `Could not ${doing}: the disk is full. Free some space, or set KEEPSAKE_WORK_FOLDER to a folder on a larger disk.`,
    );
  }
  throw new KeepsakeError(code, `Could not ${doing}: ${FFmpegError.strerror(result)}.`);
}

/** AVERROR of ENOSPC and of EDQUOT (errno(3)), for which the library has no name. */
const fullDisk: ReadonlySet<number> = new Set([
  FFmpegError.AVERROR(PosixError.ENOSPC),
  -constants.errno.EDQUOT,
]);

/** A timestamp in seconds; null where the file has none. */
export function toSeconds(
  timestamp: bigint,
  timeBase: { readonly num: number; readonly den: number },
): number | null {
  if (timestamp === AV_NOPTS_VALUE || timeBase.den === 0) return null;
  return (Number(timestamp) * timeBase.num) / timeBase.den;
}
