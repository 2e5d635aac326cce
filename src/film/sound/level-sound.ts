import type { SoundAsset } from "../../assets/asset.js";
import { createLoudnessMeter } from "../../media/loudness.js";
import { isNoise, noiseOf, restraintLu, targetLufs, wantedGainDb } from "./cue-gain.js";
import { mixdown } from "./mixdown.js";
import { openCue } from "./open-cue.js";
import { type Edges, quietEdges } from "./quiet-edges.js";

/** How one sound is heard in every film it is in: follows from the sound alone. */
export interface SoundLevel extends Edges {
  readonly gainDb: number;
  /** False for silence and noise, which stay as they are. */
  readonly levelled: boolean;
}

/** The limiter leaves so much room for what the encoder adds to peaks. */
export const ceilingDbtp = -2;
const mostPasses = 4;
/** What the limiter takes grows slowly with the gain: giving so much back takes no second look. */
const plainMakeUpDb = 0.7;
/** A limiter that works harder than this would be heard. */
export const largestMakeUpDb = 12;

/**
 * Plain gain for one sound, and how it begins and ends. Where the limiter must work, what it takes is measured and
 * given back, so that voices stay equally loud.
 *
 * @param sound its prepared file is read
 * @throws KeepsakeError `sound-file-short`
 */
export async function levelSound(sound: SoundAsset): Promise<SoundLevel> {
  const neededDb = wantedGainDb(sound.integratedLufs);
  const untouched = { gainDb: 0, levelled: false };
  if (neededDb === null) return { ...untouched, ...quietEdges([], sound.sampleCount) };
  const first = await listen(sound, neededDb);
  const edges = quietEdges(first.tenthsLufs, sound.sampleCount);
  if (isNoise(neededDb, first.tenthsLufs)) return { ...untouched, ...edges };
  const restraint = restraintLu(neededDb, noiseOf(first.tenthsLufs));
  let gainDb = neededDb;
  let missing = targetLufs - first.integratedLufs;
  for (let pass = 1; missing > plainMakeUpDb && pass < mostPasses; pass++) {
    gainDb = Math.min(neededDb + largestMakeUpDb, gainDb + missing);
    missing = targetLufs - (await listen(sound, gainDb)).integratedLufs;
  }
  gainDb = Math.min(neededDb + largestMakeUpDb, gainDb + missing);
  return { gainDb: gainDb - restraint, levelled: true, ...edges };
}

/** The sound alone, gained and limited as the film will be. */
async function listen(sound: SoundAsset, gainDb: number) {
  const meter = createLoudnessMeter({ peaks: false });
  const edges = { fadeInSamples: 0, fadeOutSamples: 0 };
  const layer = openCue({ ...sound, firstSample: 0, gainDb, ...edges });
  const { sampleCount } = sound;
  for await (const piece of mixdown([layer], { sampleCount, masterGainDb: 0, ceilingDbtp })) {
    meter.push(piece);
  }
  const { integratedLufs } = meter.measure();
  return { integratedLufs: integratedLufs ?? targetLufs, tenthsLufs: meter.tenths() };
}
