import { AV_CHANNEL_ORDER_UNSPEC } from "node-av/constants";
import type { Frame } from "node-av/lib";

/** For each channel of a stream, its gain in the left and in the right channel of a stereo mix. */
export type ChannelMatrix = readonly (readonly [left: number, right: number])[];

/**
 * Conventions of ambisonics, sound from all directions: channels in ACN order with the weights of SN3D or N3D (AmbiX), or
 * W, X, Y, Z with a W that is 3 dB softer (B-format, FuMa).
 */
export type Ambisonics = "sn3d" | "n3d" | "b-format";

/** Filter that converts to float samples, because a sum may exceed full scale, which integers cannot represent. */
export const asFloats = "aformat=sample_fmts=fltp,";

/**
 * Creates the mix of two microphones in the centre, facing left and right, which do not record sound from behind (cardioids): half of
 * the omnidirectional channel, and half of the left-right one. Heights and orders above the first are left out.
 */
export function ambisonicMatrix(kind: Ambisonics, channelCount: number): ChannelMatrix {
  const everywhere = kind === "b-format" ? Math.SQRT1_2 : 0.5;
  const sideways = kind === "n3d" ? 0.5 / Math.sqrt(3) : 0.5;
  const sidewaysChannel = kind === "b-format" ? 2 : 1;
  return Array.from({ length: channelCount }, (_, channel) => {
    if (channel === 0) return [everywhere, everywhere] as const;
    return channel === sidewaysChannel ? ([sideways, -sideways] as const) : ([0, 0] as const);
  });
}

/** FFmpeg filters, ending in a comma, that mix a piece of sound to stereo and ignore the positions of its channels. */
export function mixByMatrix(frame: Frame, matrix: ChannelMatrix): string {
  frame.channelLayout = { nbChannels: frame.channels, order: AV_CHANNEL_ORDER_UNSPEC, mask: 0n };
  const side = (index: 0 | 1): string =>
    matrix.map((gains, channel) => `${gains[index].toFixed(6)}*c${channel}`).join("+");
  return `${asFloats}pan=stereo|c0=${side(0)}|c1=${side(1)},`.replaceAll("+-", "-");
}
