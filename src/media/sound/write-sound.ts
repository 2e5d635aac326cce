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
  /** Sample frames in the file. */
  readonly sampleCount: number;
  /** Where somebody may be speaking, in order. */
  readonly speech: readonly SoundSpan[];
  /** `SoundAsset.fileLevels`; null where they are not known. */
  readonly fileLevels: string | null;
}

export interface WriteSoundOptions {
  /** The file to write; must not exist. */
  readonly path: string;
  /** As `decodeSound`'s. */
  readonly startSeconds: number | null;
  readonly maxGapSeconds: number;
  readonly matrix?: ChannelMatrix | null;
  /** Longer sound is refused. */
  readonly maxSeconds: number;
  /** Some channels of a sound: what is heard on one side is meant to be. */
  readonly isPart?: boolean;
  /** Told now and then how many seconds are written. */
  readonly onSeconds?: ((seconds: number) => void) | undefined;
}

/** Written at once: a second. */
const pieceSamples = sampleRate;

/** Hands on interleaved stereo at 48 kHz, its own to change. @returns seconds of it; 0 when there is nothing */
export type SoundProducer = (
  onSamples: (interleaved: Float32Array<ArrayBuffer>) => Promise<boolean>,
) => Promise<number>;

/**
 * Decodes a sound stream into a headerless file of interleaved stereo float32 at 48 kHz without what lies under
 * 20 Hz, corrects its channels where one of them is dead or turned round, measures it and finds where somebody speaks.
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
  const onFrame = (decoded: ClaimedFrame): void => levels.hear(decoded);
  const written = await writeSamples(
    (onSamples) => decodeEditedSound(source, { startSeconds, maxGapSeconds, matrix, onFrame, onSamples }),
    options,
  );
  // A matrix gives channels weights that their own levels do not have.
  const isKnown = matrix === null && source.edits === undefined;
  return written === null || !isKnown ? written : { ...written, fileLevels: encodeLevels(levels.levels()) };
}

/**
 * Writes sound as `writeSound` does.
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
  let held = 0;
  let sampleCount = 0;
  const writeHeld = async (): Promise<void> => {
    await writeWhole(file, new Uint8Array(piece.buffer, 0, held * 4));
    held = 0;
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
        const part = samples.subarray(start, start + piece.length - held);
        piece.set(part, held);
        held += part.length;
        start += part.length;
        if (held === piece.length) await writeHeld();
      }
      return true;
    });
    await writeHeld();
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
