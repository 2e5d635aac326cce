import { KeepsakeError } from "../../errors.js";
import type { ChosenStreams } from "../../media/streams/choose-streams.js";

export interface PlayedMedia {
  readonly playedSeconds: number;
}

/** More than rounding, and more than sound that ends a little before the pictures. */
const missingShare = 0.05;
const missingSeconds = 1;

/** Less than this, and than this share of what the file says, is next to nothing of a message. */
const leastSeconds = 1;
const leastShare = 0.1;

/**
 * What the operator should know of a sound or a clip that is in the film.
 *
 * @throws KeepsakeError `media-damaged` where next to nothing of the file arrived
 */
export function warnAboutMedia(streams: ChosenStreams, played: PlayedMedia): string[] {
  const { claimedSeconds } = streams;
  const { playedSeconds } = played;
  const remarks: string[] = [];
  if (streams.sound.isPartial) {
    remarks.push(
      "only some channels of the sound are heard: its description does not say where the others belong",
    );
  }
  if (claimedSeconds !== null && playedSeconds < claimedSeconds * (1 - missingShare) - missingSeconds) {
    const [whole, there] = [claimedSeconds, playedSeconds].map((seconds) => seconds.toFixed(1));
    if (playedSeconds < leastSeconds && playedSeconds < leastShare * claimedSeconds) {
      throw new KeepsakeError(
        "media-damaged",
        `The file was cut off: only ${there} s of its ${whole} s arrived.`,
      );
    }
    remarks.push(`the file did not arrive whole: ${there} s of ${whole} s can be played`);
  }
  return remarks;
}
