import { AV_CHANNEL_ORDER_UNSPEC } from "node-av/constants";
import type { Frame } from "node-av/lib";

/** For each channel of a stream: its gain on the left side and on the right. */
export type ChannelMatrix = readonly (readonly [left: number, right: number])[];

/**
 * Where the sound of a sphere lies: channels in the order of ACN with the weights of SN3D or N3D (AmbiX), or W, X, Y, Z
 * with a W that is 3 dB softer (B-format, FuMa).
 */
export type Ambisonics = "sn3d" | "n3d" | "b-format";

/** Sums may pass full scale, which integers cannot. */
export const asFloats = "aformat=sample_fmts=fltp,";

/**
 * Two microphones in the middle of the sphere, turned left and right, each deaf behind (cardioids): half of what comes
 * from everywhere and half of what is left less right. Heights and orders above the first are left out.
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

/** FFmpeg filters, ending in a comma, that mix a piece of sound to stereo; its channels stand nowhere before. */
export function mixByMatrix(frame: Frame, matrix: ChannelMatrix): string {
  frame.channelLayout = { nbChannels: frame.channels, order: AV_CHANNEL_ORDER_UNSPEC, mask: 0n };
  const side = (index: 0 | 1): string =>
    matrix.map((gains, channel) => `${gains[index].toFixed(6)}*c${channel}`).join("+");
  return `${asFloats}pan=stereo|c0=${side(0)}|c1=${side(1)},`.replaceAll("+-", "-");
}
