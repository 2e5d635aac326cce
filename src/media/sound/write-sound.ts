import { open } from "node:fs/promises";

import type { SoundSpan } from "../asset.js";
import { KeepsakeError } from "../../errors.js";
import { writeWhole } from "../../files/write-whole.js";
import type { ChannelMatrix } from "./channel-matrix.js";
import { decodeEditedSound, type EditedSource } from "./edited-sound.js";
import { createFileLevels, type ClaimedFrame } from "./file-levels.js";
import { createSpeechFinder } from "./find-speech.js";
import { createHighPass } from "./high-pass.js";
import { createLoudnessMeter, type LoudnessMeasurement } from "./loudness.js";
import { createChannelWatch, correctChannels } from "./correct-channels.js";
import { encodeLevels } from "./sound-levels.js";
import { sampleRate } from "./sound-format.js";

export interface WrittenSound extends LoudnessMeasurement {
  /** Number of samples of each channel in the file. */
  readonly sampleCount: number;
  /** Ranges in which someone may be speaking, in order. */
  readonly speech: readonly SoundSpan[];
  /** Levels as in `SoundAsset.fileLevels`; null when unknown. */
  readonly fileLevels: string | null;
}

export interface WriteSoundOptions {
  /** The file to write; must not exist. */
  readonly path: string;
  /** See `DecodeSoundOptions`. */
  readonly startSeconds: number | null;
  readonly maxGapSeconds: number;
  readonly matrix?: ChannelMatrix | null;
  /** Longer sound is rejected. */
  readonly maxSeconds: number;
  /** True for a part of the channels of a sound: then a silent side is intended and not corrected. */
  readonly isPart?: boolean;
  /** Called now and then with the number of seconds written so far. */
  readonly onSeconds?: ((seconds: number) => void) | undefined;
}

/** Samples that are written at once: one second. */
const pieceSamples = sampleRate;

/** Passes on interleaved stereo at 48 kHz, which the receiver may change. @returns seconds of sound; 0 for none */
export type SoundProducer = (
  onSamples: (interleaved: Float32Array<ArrayBuffer>) => Promise<boolean>,
) => Promise<number>;

/**
 * Decodes a sound stream into a headerless file of interleaved stereo float32 at 48 kHz. Removes frequencies under 20 Hz,
 * corrects channels of which one is silent or inverted, measures the loudness and finds speech.
 *
 * @returns null when nothing could be decoded
 * @throws KeepsakeError `media-limit-exceeded`, and those of `decodeSound`
 */
export async function writeSound(
  source: EditedSource,
  options: WriteSoundOptions,
): Promise<WrittenSound | null> {
  const { startSeconds, maxGapSeconds, matrix = null } = options;
  const levels = createFileLevels(options);
  const onFrame = (decoded: ClaimedFrame): void => levels.add(decoded);
  const written = await writeSamples(
    (onSamples) => decodeEditedSound(source, { startSeconds, maxGapSeconds, matrix, onFrame, onSamples }),
    options,
  );
  // With a matrix, the levels of single channels do not match those of the mix.
  const isKnown = matrix === null && source.edits === undefined;
  return written === null || !isKnown ? written : { ...written, fileLevels: encodeLevels(levels.levels()) };
}

/**
 * Writes sound like `writeSound`, from any producer.
 *
 * @returns null when nothing was produced
 * @throws KeepsakeError `media-limit-exceeded`, and those of the producer
 */
export async function writeSamples(
  produce: SoundProducer,
  options: Omit<WriteSoundOptions, "startSeconds" | "maxGapSeconds" | "matrix">,
): Promise<WrittenSound | null> {
  const meter = createLoudnessMeter();
  const channels = createChannelWatch();
  const highPass = createHighPass();
  const finder = createSpeechFinder();
  const file = await open(options.path, "wx", 0o600);
  const piece = new Float32Array(pieceSamples * 2);
  let bufferedCount = 0;
  let sampleCount = 0;
  const writePiece = async (): Promise<void> => {
    await writeWhole(file, new Uint8Array(piece.buffer, 0, bufferedCount * 4));
    bufferedCount = 0;
  };
  try {
    const seconds = await produce(async (samples) => {
      sampleCount += samples.length / 2;
      options.onSeconds?.(sampleCount / sampleRate);
      if (sampleCount > options.maxSeconds * sampleRate) throw tooLong(options.maxSeconds);
      highPass(samples);
      meter.push(samples);
      channels.push(samples);
      finder.push(samples);
      for (let start = 0; start < samples.length;) {
        const part = samples.subarray(start, start + piece.length - bufferedCount);
        piece.set(part, bufferedCount);
        bufferedCount += part.length;
        start += part.length;
        if (bufferedCount === piece.length) await writePiece();
      }
      return true;
    });
    await writePiece();
    if (seconds === 0) return null;
    const fault = options.isPart === true ? null : channels.fault();
    const loudness = fault === null ? meter.measure() : await correctChannels(options.path, fault);
    return { sampleCount, speech: finder.spans(), fileLevels: null, ...loudness };
  } finally {
    await file.close();
  }
}

function tooLong(maxSeconds: number): KeepsakeError {
  return new KeepsakeError(
    "media-limit-exceeded",
    `The sound is longer than ${Math.round(maxSeconds / 60)} minutes.`,
  );
}
