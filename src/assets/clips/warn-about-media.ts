import { KeepsakeError } from "../../errors.js";
import type { ChosenStreams } from "../../media/streams/choose-streams.js";

export interface PlayedMedia {
  readonly playedSeconds: number;
}

/** A larger difference is neither rounding nor sound that ends shortly before the pictures. */
const missingShare = 0.05;
const missingSeconds = 1;

/** A file of which less than both limits arrived is damaged. */
const minSeconds = 1;
const minShare = 0.1;

/**
 * Lists what the operator should know about a sound or a clip in the film.
 *
 * @throws KeepsakeError `media-damaged` when almost nothing of the file arrived
 */
export function warnAboutMedia(streams: ChosenStreams, played: PlayedMedia): string[] {
  const { claimedSeconds } = streams;
  const { playedSeconds } = played;
  const remarks: string[] = [];
  if (streams.sound.isPartial) {
    remarks.push(
      "only some channels of the sound are played: its description does not give the positions of the others",
    );
  }
  if (claimedSeconds !== null && playedSeconds < claimedSeconds * (1 - missingShare) - missingSeconds) {
    const [whole, there] = [claimedSeconds, playedSeconds].map((seconds) => seconds.toFixed(1));
    if (playedSeconds < minSeconds && playedSeconds < minShare * claimedSeconds) {
      throw new KeepsakeError(
        "media-damaged",
        `The file was cut off: only ${there} s of its ${whole} s arrived.`,
      );
    }
    remarks.push(`the file did not arrive completely: ${there} s of ${whole} s can be played`);
  }
  return remarks;
}
