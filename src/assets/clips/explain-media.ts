import { KeepsakeError } from "../../errors.js";
import type { ChosenStreams } from "../../media/streams/choose-streams.js";
import { endsBeforeMovieBox } from "./read-movie-box.js";

/** Explains why a file with a known container has neither pictures nor sound. */
export function explainNothing(streams: ChosenStreams): KeepsakeError {
  const { tooLarge, unsupportedVideo, unsupportedSound } = streams;
  if (unsupportedVideo.length > 0) {
    return unsupported(`The video is coded in ${unsupportedVideo.join(", ")}, which is not supported.`);
  }
  if (tooLarge !== null) {
    return new KeepsakeError(
      "media-limit-exceeded",
      `The video has ${tooLarge} pixels; at most 8192 × 4608 are supported.`,
    );
  }
  if (unsupportedSound.length > 0) {
    return unsupported(`The sound is coded in ${unsupportedSound.join(", ")}, which is not supported.`);
  }
  return new KeepsakeError(
    "media-nothing-inside",
    "The file has no picture and no sound that can be played.",
  );
}

export function mediaProtected(cause?: unknown): KeepsakeError {
  return new KeepsakeError("media-protected", "The file is protected against copying.", { cause });
}

function unsupported(message: string): KeepsakeError {
  return new KeepsakeError("media-codec-unsupported", message);
}

/** Explains why a container cannot be opened at all. */
export async function explainUnreadable(
  path: string,
  demuxer: string,
  cause: KeepsakeError,
): Promise<KeepsakeError> {
  if (cause.code !== "media-damaged") return cause;
  const isCut = demuxer === "mov" && (await endsBeforeMovieBox(path));
  const message = isCut
    ? "The file was cut off: the index at its end, without which nothing can be played, did not arrive."
    : "The file is damaged: nothing in it can be read.";
  return new KeepsakeError("media-damaged", message, { cause });
}
