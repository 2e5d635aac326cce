import { KeepsakeError } from "../errors.js";
import type { ChosenStreams } from "../media/choose-streams.js";

export interface PlayedMedia {
  readonly playedSeconds: number;
  readonly isSeen: boolean;
  readonly isHeard: boolean;
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
export function remarkOnMedia(streams: ChosenStreams, played: PlayedMedia): string[] {
  const { videoIndexes, soundIndexes, unsupportedVideo, unsupportedSound, claimedSeconds } = streams;
  const { playedSeconds, isSeen, isHeard } = played;
  const remarks: string[] = [];
  if (!isSeen && (unsupportedVideo.length > 0 || videoIndexes.length > 0)) {
    remarks.push(
      `the video's pictures could not be decoded${nameThem(unsupportedVideo)}; only its sound is in the film`,
    );
  }
  if (!isHeard && (unsupportedSound.length > 0 || soundIndexes.length > 0)) {
    remarks.push(`the video's sound could not be decoded${nameThem(unsupportedSound)}`);
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

function nameThem(names: readonly string[]): string {
  return names.length === 0 ? "" : ` (${names.join(", ")})`;
}
