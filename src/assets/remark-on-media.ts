import type { ChosenStreams } from "../media/choose-streams.js";

export interface PlayedMedia {
  readonly playedSeconds: number;
  readonly isSeen: boolean;
  readonly isHeard: boolean;
}

/** Containers whose header says how long they are; in others FFmpeg guesses. */
const tellingContainers: ReadonlySet<string> = new Set(["mov", "matroska", "avi", "asf", "flv", "wav"]);

/** More than rounding, and more than sound that ends a little before the pictures. */
const missingShare = 0.05;
const missingSeconds = 1;

/** No claim to be believed: nothing of this length is taken. */
const absurdSeconds = 3600 * 6;

/** What the operator should know of a sound or a clip that is in the film. */
export function remarkOnMedia(demuxer: string, streams: ChosenStreams, played: PlayedMedia): string[] {
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
  if (streams.sound.isPartial) {
    remarks.push(
      "only some channels of the sound are heard: its description does not say where the others belong",
    );
  }
  if (claimedSeconds !== null && tellingContainers.has(demuxer) && claimedSeconds < absurdSeconds) {
    if (playedSeconds < claimedSeconds * (1 - missingShare) - missingSeconds) {
      const [whole, there] = [claimedSeconds, playedSeconds].map((seconds) => seconds.toFixed(1));
      remarks.push(`the file did not arrive whole: ${there} s of ${whole} s can be played`);
    }
  }
  return remarks;
}

function nameThem(names: readonly string[]): string {
  return names.length === 0 ? "" : ` (${names.join(", ")})`;
}
