import {
  AV_CHANNEL_ORDER_AMBISONIC,
  AV_CHANNEL_ORDER_NATIVE,
  AV_CHANNEL_ORDER_UNSPEC,
} from "node-av/constants";
import { avChannelLayoutDefault, type Frame } from "node-av/lib";

import { KeepsakeError } from "../../errors.js";
import { ambisonicMatrix, asFloats, mixByMatrix } from "./channel-matrix.js";

/** Numbers of channels of which everybody knows where they stand: mono, stereo, 5.1 and 7.1. */
const usualCounts: ReadonlySet<number> = new Set([1, 2, 6, 8]);

/** As many as FFmpeg's filters take. */
const maxChannels = 64;

/**
 * Settles where the channels of a piece of sound stand, for a mix to stereo. Of channels that nobody placed, as
 * recorders with many microphones write them, none may be lost: they are heard together in the middle. A sphere of sound
 * (ambisonics; FFmpeg knows it in the order of ACN) is heard by two microphones in its middle.
 *
 * @throws KeepsakeError `media-limit-exceeded`
 * @returns FFmpeg filters to put before the mix, `""` or ending in a comma
 */
export function resolveLayout(frame: Frame): string {
  const { order, mask } = frame.channelLayout;
  const count = frame.channels;
  if (count > maxChannels) {
    throw new KeepsakeError(
      "media-limit-exceeded",
      `The sound has ${count} channels; at most ${maxChannels} are heard.`,
    );
  }
  if (order === AV_CHANNEL_ORDER_NATIVE && mask !== 0n) return "";
  if (order === AV_CHANNEL_ORDER_UNSPEC && usualCounts.has(count)) {
    frame.channelLayout = avChannelLayoutDefault(count);
    return "";
  }
  if (order === AV_CHANNEL_ORDER_AMBISONIC) return mixByMatrix(frame, ambisonicMatrix("sn3d", count));
  frame.channelLayout = { nbChannels: count, order: AV_CHANNEL_ORDER_UNSPEC, mask: 0n };
  const all = Array.from({ length: count }, (_, channel) => `c${channel}`);
  return `${asFloats}pan=mono|c0=${all.join("+")},`;
}
