/**
 * The sound of a film is made the way a mastering engineer would: every voice brought to the same loudness by plain
 * gain, one gain for the whole, a limiter that only takes what would clip, and then the encoded result is measured,
 * because the encoder moves peaks. What is measured wrong is mixed and encoded again.
 */
import type { SoundAsset } from "../../assets/asset.js";
import { KeepsakeError } from "../../errors.js";
import { openAacEncoder } from "../../media/aac-encoder.js";
import { decodeAacFile } from "../../media/decode-aac-file.js";
import { createLoudnessMeter, type LoudnessMeasurement, measureLoudness } from "../../media/loudness.js";
import { readSoundFile } from "../../media/sound-file.js";
import { cueGainDb, targetLufs } from "./cue-gain.js";
import { mixdown, type LevelledCue } from "./mixdown.js";

export interface MasterInput {
  readonly cues: readonly { readonly sound: SoundAsset; readonly firstSample: number }[];
  /** Of the film. */
  readonly sampleCount: number;
  /** The ADTS file to write. */
  readonly path: string;
}

export interface Master {
  readonly loudness: LoudnessMeasurement;
  /** False when there was no voice to bring to the target: silence and noise stay as they are. */
  readonly levelled: boolean;
  readonly cues: readonly { readonly gainDb: number }[];
  readonly masterGainDb: number;
  readonly encodeCount: number;
}

/** Samples done of all samples of the passes known so far. */
export type ReportSamples = (done: number, total: number) => void;

const bitsPerSecond = 192_000;
/** -1 dBTP is promised; meters differ by a tenth. */
const highestPeakDbtp = -1.1;
const firstCeilingDbtp = -2;
const closeEnoughLu = 0.1;
const encodedToleranceLu = 0.3;
const mostMeasuredPasses = 4;
const mostEncodes = 5;
/** A limiter that works harder than this would be heard. */
const largestMakeUpDb = 12;
const primingSamples = 1024;
const samplesBetweenReports = 480_000;

/**
 * @returns what was measured on the decoded file
 * @throws KeepsakeError `sound-outside-film`, `sound-file-short`, `sound-peak-too-high`, `film-damaged`,
 *   `media-library-failed`
 */
export async function makeMaster(input: MasterInput, report: ReportSamples): Promise<Master> {
  const { sampleCount } = input;
  for (const { sound, firstSample } of input.cues) {
    if (firstSample >= 0 && firstSample + sound.sampleCount <= sampleCount) continue;
    throw new KeepsakeError("sound-outside-film", "A sound was planned to be heard outside the film.");
  }
  const cues: LevelledCue[] = [];
  let levelled = false;
  for (const cue of input.cues) {
    const gainDb = await levelCue(cue.sound);
    cues.push({ ...placed(cue), gainDb: gainDb ?? 0 });
    levelled ||= gainDb !== null;
  }

  const watch = createWatch(report, sampleCount);
  let masterGainDb = 0;
  let ceilingDbtp = firstCeilingDbtp;
  const mix = () => watch(mixdown(cues, { sampleCount, masterGainDb, ceilingDbtp }));
  const correct = (integratedLufs: number | null): number => {
    if (!levelled || integratedLufs === null) return 0;
    const wanted = masterGainDb + targetLufs - integratedLufs;
    const corrected = Math.min(largestMakeUpDb, Math.max(-largestMakeUpDb, wanted));
    const change = corrected - masterGainDb;
    masterGainDb = corrected;
    return Math.abs(change);
  };

  const measuredPasses = levelled ? mostMeasuredPasses : 0;
  for (let pass = 0; pass < measuredPasses; pass++) {
    const { integratedLufs } = await measureLoudness(mix());
    if (correct(integratedLufs) <= closeEnoughLu) break;
  }
  for (let encodeCount = 1; encodeCount <= mostEncodes; encodeCount++) {
    await encode(mix(), input.path);
    const loudness = await measureEncoded(input.path, sampleCount, watch);
    const excessDb = (loudness.truePeakDbtp ?? -Infinity) - highestPeakDbtp;
    const missedLu = Math.abs(targetLufs - (loudness.integratedLufs ?? targetLufs));
    // What is nothing but short peaks never gets there: it stays as loud as its peaks allow.
    const mayCorrect = missedLu > encodedToleranceLu && encodeCount < mostEncodes;
    if (excessDb <= 0 && !(mayCorrect && correct(loudness.integratedLufs) > closeEnoughLu)) {
      const gains = cues.map(({ gainDb }) => ({ gainDb }));
      return { loudness, levelled, cues: gains, masterGainDb, encodeCount };
    }
    if (excessDb > 0) ceilingDbtp -= excessDb + 0.1;
  }
  throw new KeepsakeError(
    "sound-peak-too-high",
    `The film's sound could not be encoded with its peaks under ${highestPeakDbtp} dBTP.`,
  );
}

type Cue = MasterInput["cues"][number];

function placed({ sound: { path, sampleCount }, firstSample }: Cue): Omit<LevelledCue, "gainDb"> {
  return { path, sampleCount, firstSample };
}

/**
 * Where the limiter must work on a voice, what it takes is measured and given back: voices stay equally loud.
 *
 * @returns null for silence and noise
 */
async function levelCue(sound: SoundAsset): Promise<number | null> {
  const wanted = await cueGainDb(sound.integratedLufs, () => measureSpread(sound));
  let gainDb = wanted ?? 0;
  const measuredPasses = wanted === null ? 0 : mostMeasuredPasses;
  for (let pass = 0; pass < measuredPasses; pass++) {
    if ((sound.truePeakDbtp ?? -Infinity) + gainDb <= firstCeilingDbtp) break;
    const alone = mixdown([{ ...placed({ sound, firstSample: 0 }), gainDb }], {
      sampleCount: sound.sampleCount,
      masterGainDb: 0,
      ceilingDbtp: firstCeilingDbtp,
    });
    const { integratedLufs } = await measureLoudness(alone);
    if (integratedLufs === null) break;
    const before = gainDb;
    gainDb = Math.min((wanted ?? 0) + largestMakeUpDb, gainDb + targetLufs - integratedLufs);
    if (Math.abs(gainDb - before) <= closeEnoughLu) break;
  }
  return wanted === null ? null : gainDb;
}

async function measureSpread({ path }: SoundAsset): Promise<number> {
  const meter = createLoudnessMeter();
  for await (const piece of readSoundFile(path)) meter.push(piece);
  return meter.spreadLu();
}

async function encode(mix: AsyncIterable<Float32Array>, path: string): Promise<void> {
  await using encoder = await openAacEncoder(path, bitsPerSecond);
  for await (const piece of mix) await encoder.write(piece);
  await encoder.finish();
}

type Watch = (sound: AsyncIterable<Float32Array>) => AsyncIterable<Float32Array>;

async function measureEncoded(path: string, sampleCount: number, watch: Watch): Promise<LoudnessMeasurement> {
  const meter = createLoudnessMeter();
  let left = sampleCount;
  const decoded = decodeAacFile({ path, demuxer: "aac", streamIndex: 0, primingSamples });
  for await (const piece of watch(decoded)) {
    meter.push(piece.subarray(0, 2 * Math.min(left, piece.length / 2)));
    left -= Math.min(left, piece.length / 2);
  }
  return meter.measure();
}

/** Passes a sound through and counts its samples, over all passes; there are three unless something is corrected. */
function createWatch(report: ReportSamples, samplesPerPass: number): Watch {
  const total = 3 * samplesPerPass;
  let done = 0;
  let reported = 0;
  return async function* watch(sound) {
    for await (const piece of sound) {
      yield piece;
      done += piece.length / 2;
      if (done - reported < samplesBetweenReports) continue;
      reported = done;
      report(Math.min(done, total), total);
    }
  };
}
