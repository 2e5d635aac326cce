import { open } from "node:fs/promises";

import { writeWhole } from "../../files/write-whole.js";
import { createLoudnessMeter, type LoudnessMeasurement } from "./loudness.js";
import { bytesPerSample } from "./sound-format.js";

/** What is wrong with the two channels of a recording: nothing on one side, or one side turned upside down. */
export type ChannelFault = "left-only" | "right-only" | "opposed";

/** A side so much softer than the other carries nothing but the noise of its cable. */
const deadSideRatio = 1e-3;
/** Nothing that was heard by two microphones is so much the other's opposite. */
const opposedCorrelation = -0.95;

const pieceBytes = 24_000 * bytesPerSample;

/** Looks for a fault in sound that is pushed piece by piece. */
export function createChannelWatch(): {
  /** @param interleaved whole sample frames */
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
 * Corrects a prepared sound file in place. A voice on one side comes from both, as if its speaker stood in the middle;
 * of opposed sides, which are silence on a single loudspeaker, the right one is turned round.
 *
 * @param path headerless interleaved stereo float32 at 48 kHz
 * @returns what is measured now
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
