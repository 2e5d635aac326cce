/**
 * Makes the sound of a film: every voice is brought to the same loudness by a constant gain, one gain is applied to the
 * whole, and a limiter reduces only peaks that would clip. Then the encoded result is measured, because the encoder
 * changes peaks. A result outside the tolerance is mixed and encoded again.
 */
import type { SoundAsset } from "../../media/asset.js";
import { KeepsakeError } from "../../errors.js";
import { openAacEncoder } from "../../media/sound/aac-encoder.js";
import { decodeAacFile } from "../../media/sound/decode-aac-file.js";
import {
  createLoudnessMeter,
  type LoudnessMeasurement,
  type LoudnessMeter,
} from "../../media/sound/loudness.js";
import { targetLufs } from "./cue-gain.js";
import { ceilingDbtp, largestMakeUpDb, levelSound, type SoundLevel } from "./level-sound.js";
import { mixdown } from "./mixdown.js";
import { type LoudnessTarget, findTarget } from "./loudness-target.js";
import { openCue } from "./open-cue.js";
import type { FilmMusic } from "./film-music.js";
import { openMusicBed } from "./open-music-bed.js";
import { aacPrimingSamples } from "../../media/sound/sound-format.js";

export interface MasterInput {
  readonly cues: readonly Cue[];
  /** Music under the whole film. */
  readonly music: FilmMusic | null;
  /** Samples of the film. */
  readonly sampleCount: number;
  readonly bitsPerSecond: number;
  /** The ADTS file to write. */
  readonly path: string;
}

interface Cue {
  readonly sound: SoundAsset;
  readonly firstSample: number;
  /** Result of `levelSound` for the sound, where it is known already. */
  readonly level?: SoundLevel;
}

export interface Master {
  readonly loudness: LoudnessMeasurement;
  /** Null when there was no voice: silence and noise stay as they are. */
  readonly target: LoudnessTarget | null;
  /** Levels in the order of the cues. */
  readonly levels: readonly SoundLevel[];
  readonly masterGainDb: number;
  readonly encodeCount: number;
}

/** Reports the samples done, of all samples of the passes known so far. */
export type ReportSamples = (done: number, total: number) => void;

/** Films stay under -1 dBTP, and meters differ by a tenth. */
const highestPeakDbtp = -1.1;
const closeEnoughLu = 0.1;
const encodedToleranceLu = 0.3;
const maxEncodes = 5;
const samplesBetweenReports = 480_000;

/**
 * @returns measurements of the decoded file
 * @throws KeepsakeError `sound-outside-film`, `sound-file-short`, `sound-peak-too-high`, `film-damaged`,
 *   `media-library-failed`
 */
export async function makeMaster(input: MasterInput, report: ReportSamples): Promise<Master> {
  const { sampleCount } = input;
  for (const { sound, firstSample } of input.cues) {
    if (firstSample >= 0 && firstSample + sound.sampleCount <= sampleCount) continue;
    throw new KeepsakeError(
      "sound-outside-film",
      "A sound was planned before the start or after the end of the film.",
    );
  }
  const levels: SoundLevel[] = [];
  for (const { sound, level } of input.cues) levels.push(level ?? (await levelSound(sound)));
  const speech = input.cues.flatMap(({ sound: { sampleCount: length }, firstSample }, index) =>
    levels[index]?.levelled === true ? [{ firstSample, sampleCount: length }] : [],
  );
  const target = findTarget(speech, input);

  const bed = input.music === null ? [] : [await openMusicBed(input.music, speech, sampleCount)];

  const count = createSampleCounter(report, sampleCount);
  let masterGainDb = 0;
  let ceiling = ceilingDbtp;
  const mix = () => {
    const cues = input.cues.map(({ sound: { path, sampleCount: length }, firstSample }, index) =>
      openCue({ path, sampleCount: length, firstSample, ...(levels[index] as SoundLevel) }),
    );
    return count(mixdown([...cues, ...bed], { sampleCount, masterGainDb, ceilingDbtp: ceiling }));
  };
  const correct = (missedLu: number): number => {
    const corrected = Math.min(largestMakeUpDb, Math.max(-largestMakeUpDb, masterGainDb + missedLu));
    const change = Math.abs(corrected - masterGainDb);
    masterGainDb = corrected;
    return change;
  };
  for (let encodeCount = 1; encodeCount <= maxEncodes; encodeCount++) {
    await encode(mix(), input);
    const meter = await measureEncoded(input.path, sampleCount, count);
    const loudness = meter.measure();
    const excessDb = (loudness.truePeakDbtp ?? -Infinity) - highestPeakDbtp;
    const found = target === null ? null : meter.integratedWithin(target.ranges);
    const missedLu = found === null ? 0 : targetLufs - found;
    // A film that has only short peaks never reaches the target: it stays as loud as its peaks allow.
    const mayCorrect = Math.abs(missedLu) > encodedToleranceLu && encodeCount < maxEncodes;
    if (excessDb <= 0 && !(mayCorrect && correct(missedLu) > closeEnoughLu)) {
      return { loudness, target: found === null ? null : target, levels, masterGainDb, encodeCount };
    }
    if (excessDb > 0) ceiling -= excessDb + 0.1;
  }
  throw new KeepsakeError(
    "sound-peak-too-high",
    `The film's sound could not be encoded with its peaks under ${highestPeakDbtp} dBTP.`,
  );
}

async function encode(mix: AsyncIterable<Float32Array>, { path, bitsPerSecond }: MasterInput): Promise<void> {
  await using encoder = await openAacEncoder(path, bitsPerSecond);
  for await (const piece of mix) await encoder.write(piece);
  await encoder.finish();
}

type CountSamples = (sound: AsyncIterable<Float32Array>) => AsyncIterable<Float32Array>;

async function measureEncoded(
  path: string,
  sampleCount: number,
  count: CountSamples,
): Promise<LoudnessMeter> {
  const meter = createLoudnessMeter();
  let left = sampleCount;
  const decoded = decodeAacFile({ path, demuxer: "aac", streamIndex: 0, primingSamples: aacPrimingSamples });
  for await (const piece of count(decoded)) {
    meter.push(piece.subarray(0, 2 * Math.min(left, piece.length / 2)));
    left -= Math.min(left, piece.length / 2);
  }
  return meter;
}

/** Passes a sound through and counts its samples over all passes; there are two unless something is corrected. */
function createSampleCounter(report: ReportSamples, samplesPerPass: number): CountSamples {
  const total = 2 * samplesPerPass;
  let done = 0;
  let reported = 0;
  return async function* count(sound) {
    for await (const piece of sound) {
      yield piece;
      done += piece.length / 2;
      if (done - reported < samplesBetweenReports) continue;
      reported = done;
      report(Math.min(done, total), total);
    }
  };
}
