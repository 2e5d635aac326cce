import type { ChosenStreams } from "../media/choose-streams.js";

export interface PlayedMedia {
  readonly playedSeconds: number;
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
  const { claimedSeconds } = streams;
  const { playedSeconds } = played;
  const remarks: string[] = [];
  if (claimedSeconds !== null && tellingContainers.has(demuxer) && claimedSeconds < absurdSeconds) {
    if (playedSeconds < claimedSeconds * (1 - missingShare) - missingSeconds) {
      const [whole, there] = [claimedSeconds, playedSeconds].map((seconds) => seconds.toFixed(1));
      remarks.push(`the file did not arrive whole: ${there} s of ${whole} s can be played`);
    }
  }
  return remarks;
}
