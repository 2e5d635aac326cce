import type { SoundAsset } from "../../media/asset.js";
import { createLoudnessMeter } from "../../media/sound/loudness.js";
import { isNoise, noiseOf, restraintLu, targetLufs, wantedGainDb } from "./cue-gain.js";
import { isPeriodic } from "./is-periodic.js";
import { mixdown } from "./mixdown.js";
import { openCue } from "./open-cue.js";
import { type Fades, chooseFades } from "./choose-fades.js";
import { createSampleReader } from "./sample-reader.js";
import { sampleRate } from "../../media/sound/sound-format.js";

/** Gain and fades of one sound, the same in every film that contains it. They follow from the sound alone. */
export interface SoundLevel extends Fades {
  readonly gainDb: number;
  /** Loudness in the film; null where there is only silence. */
  readonly filmLufs: number | null;
  /** False for silence and noise, which stay as they are. */
  readonly levelled: boolean;
}

/** The limiter leaves this much room for what the encoder adds to peaks. */
export const ceilingDbtp = -2;
const maxPasses = 4;
/** The reduction by the limiter grows slowly with the gain, so this much can be added without measuring again. */
const plainMakeUpDb = 0.7;
/** Maximum gain that is added for the loss in the limiter: with more, the limiter would be audible. */
export const largestMakeUpDb = 12;

/** A shorter sound may have no pause to compare a word with. */
const comparedSamples = sampleRate;

/**
 * Finds the gain for one sound, and its fades. Where the limiter reduces peaks, the lost loudness is measured and added
 * again, so that voices stay equally loud.
 *
 * @param sound its prepared file is read
 * @throws KeepsakeError `sound-file-short`
 */
export async function levelSound(sound: SoundAsset): Promise<SoundLevel> {
  const neededDb = wantedGainDb(sound.integratedLufs);
  const untouched = { gainDb: 0, filmLufs: sound.integratedLufs, levelled: false };
  if (neededDb === null) return { ...untouched, ...chooseFades([], sound.sampleCount) };
  let measured = await measure(sound, neededDb);
  const { tenthsLufs } = measured;
  const isShort = sound.sampleCount < comparedSamples;
  const isWord = isShort && (await isOneWord(sound));
  const noiseLufs = isShort ? -Infinity : noiseOf(tenthsLufs);
  const fades = chooseFades(tenthsLufs, sound.sampleCount, noiseLufs);
  const speaks = isWord || (sound.speech === undefined ? null : sound.speech.length > 0);
  if (isNoise({ gainDb: neededDb, tenthsLufs, speaks })) return { ...untouched, ...fades };
  const restraint = restraintLu(neededDb, noiseLufs);
  const largestDb = neededDb + largestMakeUpDb;
  let gainDb = neededDb;
  for (let pass = 1; targetLufs - measured.integratedLufs > plainMakeUpDb && pass < maxPasses; pass++) {
    gainDb = Math.min(largestDb, gainDb + targetLufs - measured.integratedLufs);
    measured = await measure(sound, gainDb);
  }
  const makeUpDb = Math.min(largestDb - gainDb, targetLufs - measured.integratedLufs) - restraint;
  return {
    gainDb: gainDb + makeUpDb,
    filmLufs: measured.integratedLufs + makeUpDb,
    levelled: true,
    ...fades,
  };
}

/** Whether a short sound is a voice and not noise. */
async function isOneWord({ path, sampleCount }: SoundAsset): Promise<boolean> {
  await using reader = createSampleReader(path);
  return isPeriodic(await reader.read(0, sampleCount));
}

/** Measures the sound alone, with gain and limiter as in the film. */
async function measure(sound: SoundAsset, gainDb: number) {
  const meter = createLoudnessMeter({ peaks: false });
  const fades = { fadeInSamples: 0, fadeOutSamples: 0 };
  const layer = openCue({ ...sound, firstSample: 0, gainDb, ...fades });
  const { sampleCount } = sound;
  for await (const piece of mixdown([layer], { sampleCount, masterGainDb: 0, ceilingDbtp })) {
    meter.push(piece);
  }
  const { integratedLufs } = meter.measure();
  return { integratedLufs: integratedLufs ?? targetLufs, tenthsLufs: meter.tenths() };
}
