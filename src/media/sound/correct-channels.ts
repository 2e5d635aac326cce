import { open } from "node:fs/promises";

import { writeWhole } from "../../files/write-whole.js";
import { createLoudnessMeter, type LoudnessMeasurement } from "./loudness.js";
import { bytesPerSample } from "./sound-format.js";

/** Fault of the two channels of a recording: one channel is silent, or one has inverted polarity. */
export type ChannelFault = "left-only" | "right-only" | "opposed";

/** Ratio of power below which a channel contains only the noise of its cable. */
const deadSideRatio = 1e-3;
/** Correlation below which polarity is inverted: two microphones never record such opposite signals. */
const opposedCorrelation = -0.95;

const pieceBytes = 24_000 * bytesPerSample;

/** Detects a fault in sound that is pushed piece by piece. */
export function createChannelWatch(): {
  /** @param interleaved whole samples of both channels */
  push(interleaved: Float32Array): void;
  fault(): ChannelFault | null;
} {
  let left = 0;
  let right = 0;
  let product = 0;
  return {
    push(interleaved) {
      for (let index = 0; index < interleaved.length; index += 2) {
        const ofLeft = interleaved[index] as number;
        const ofRight = interleaved[index + 1] as number;
        left += ofLeft * ofLeft;
        right += ofRight * ofRight;
        product += ofLeft * ofRight;
      }
    },
    fault() {
      if (right < deadSideRatio * left) return "left-only";
      if (left < deadSideRatio * right) return "right-only";
      return product < opposedCorrelation * Math.sqrt(left * right) ? "opposed" : null;
    },
  };
}

/**
 * Corrects a prepared sound file in place. A voice in one channel is copied to both, so that it comes from the middle.
 * For opposite channels, which cancel on a single loudspeaker, the polarity of the right one is inverted.
 *
 * @param path headerless interleaved stereo float32 at 48 kHz
 * @returns the loudness of the corrected sound
 */
export async function correctChannels(path: string, fault: ChannelFault): Promise<LoudnessMeasurement> {
  const meter = createLoudnessMeter();
  const bytes = Buffer.alloc(pieceBytes);
  const file = await open(path, "r+");
  try {
    for (let position = 0; ;) {
      const { bytesRead } = await file.read(bytes, 0, pieceBytes, position);
      const whole = bytesRead - (bytesRead % bytesPerSample);
      if (whole === 0) return meter.measure();
      const sound = new Float32Array(bytes.buffer, bytes.byteOffset, whole / 4);
      for (let index = 0; index < sound.length; index += 2) {
        if (fault === "right-only") sound[index] = sound[index + 1] as number;
        else if (fault === "left-only") sound[index + 1] = sound[index] as number;
        else sound[index + 1] = -(sound[index + 1] as number);
      }
      meter.push(sound);
      await writeWhole(file, bytes.subarray(0, whole), position);
      position += whole;
    }
  } finally {
    await file.close();
  }
}
