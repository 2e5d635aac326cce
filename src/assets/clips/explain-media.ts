import { open } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import type { ChosenStreams } from "../../media/choose-streams.js";

/** Why a file with a known container gives neither a picture nor sound. */
export function explainNothing(streams: ChosenStreams): KeepsakeError {
  const { tooLarge, unsupportedVideo, unsupportedSound } = streams;
  if (unsupportedVideo.length > 0) {
    return unsupported(`The video is coded in ${unsupportedVideo.join(", ")}, which is not supported.`);
  }
  if (tooLarge !== null) {
    return new KeepsakeError(
      "media-limit-exceeded",
      `The video has ${tooLarge} pixels; at most 8192 × 4608 are shown.`,
    );
  }
  if (unsupportedSound.length > 0) {
    return unsupported(`The sound is coded in ${unsupportedSound.join(", ")}, which is not supported.`);
  }
  return new KeepsakeError(
    "media-nothing-inside",
    "The file holds no picture and no sound that can be played.",
  );
}

export function mediaProtected(cause?: unknown): KeepsakeError {
  return new KeepsakeError("media-protected", "The file is protected against copying.", { cause });
}

function unsupported(message: string): KeepsakeError {
  return new KeepsakeError("media-codec-unsupported", message);
}

/** Why a container cannot be opened at all. */
export async function explainUnreadable(
  path: string,
  demuxer: string,
  cause: KeepsakeError,
): Promise<KeepsakeError> {
  if (cause.code !== "media-damaged") return cause;
  const isCut = demuxer === "mov" && (await endsBeforeIndex(path));
  const message = isCut
    ? "The file was cut off: the index at its end, without which nothing can be played, never arrived."
    : "The file is damaged: nothing in it can be read.";
  return new KeepsakeError("media-damaged", message, { cause });
}

/** Boxes follow each other, a size and a name each (ISO/IEC 14496-12, 4.2); the one named moov says where all is. */
async function endsBeforeIndex(path: string): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const { size: fileBytes } = await file.stat();
    const head = Buffer.alloc(16);
    for (let at = 0; at + 8 <= fileBytes;) {
      await file.read(head, 0, 16, at);
      const name = head.toString("latin1", 4, 8);
      if (name === "moov") return at + head.readUInt32BE(0) > fileBytes;
      const short = head.readUInt32BE(0);
      const boxBytes = short === 1 ? Number(head.readBigUInt64BE(8)) : short;
      if (boxBytes < 8) return short === 0;
      at += boxBytes;
      if (at > fileBytes) return true;
    }
    return true;
  } finally {
    await file.close();
  }
}
