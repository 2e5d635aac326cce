import {
  AV_CHANNEL_ORDER_AMBISONIC,
  AV_CHANNEL_ORDER_NATIVE,
  AV_CHANNEL_ORDER_UNSPEC,
} from "node-av/constants";
import { avChannelLayoutDefault, type Frame } from "node-av/lib";

import { KeepsakeError } from "../../errors.js";
import { ambisonicMatrix, asFloats, mixByMatrix } from "./channel-matrix.js";

/** Numbers of channels with well-known positions: mono, stereo, 5.1 and 7.1. */
const usualCounts: ReadonlySet<number> = new Set([1, 2, 6, 8]);

/** Maximum number of channels that FFmpeg's filters support. */
const maxChannels = 64;

/**
 * Decides the positions of the channels of a piece of sound, for a mix to stereo. If positions are unknown, as with
 * recorders that have many microphones, no channel may be lost: all are mixed to the middle. Ambisonics (in
 * FFmpeg always in ACN order) are mixed as by two microphones in the centre.
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
      `The sound has ${count} channels; at most ${maxChannels} are supported.`,
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
