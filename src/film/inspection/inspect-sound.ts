import { KeepsakeError } from "../../errors.js";
import { decodeAacFile } from "../../media/sound/decode-aac-file.js";
import {
  createLoudnessMeter,
  type LoudnessMeasurement,
  type SoundRange,
} from "../../media/sound/loudness.js";
import type { InspectionPlan } from "./inspection-plan.js";
import type { LoudnessTarget } from "../sound/loudness-target.js";
import { openCueWatch } from "./cue-watch.js";
import { filmPlace } from "./film-place.js";
import { createTimesWatch, type TimesWatch } from "./times-watch.js";
import { sampleRate, samplesPerAacPacket } from "../../media/sound/sound-format.js";

const toleranceLu = 0.5;
const highestPeakDbtp = -1;
/** A film this close to the highest peak cannot be made louder without distortion. */
const fullPeakDbtp = -3.5;

/**
 * Decodes and checks the film's sound. The track's edit defines to the sample where the film ends. A decoder may
 * return the rest of the last AAC frame after it, less than 1,024 samples, which no player plays and which are not
 * measured.
 *
 * @throws KeepsakeError `film-sample-count-wrong`, `film-silent-range`, `film-sound-wrong`, `film-loudness-wrong`,
 *   `film-peak-too-high`
 */
export async function inspectSound(
  path: string,
  streamIndex: number,
  plan: InspectionPlan,
): Promise<{ readonly sampleCount: number; readonly loudness: LoudnessMeasurement }> {
  const planned = plan.frameCount * plan.samplesPerFrame;
  const meter = createLoudnessMeter();
  await using watch = openCueWatch(plan.cues);
  const times = createTimesWatch(plan.cues);
  let decoded = 0;
  // The edit list leaves out the encoder's priming samples.
  for await (const piece of decodeAacFile({ path, demuxer: "mov", streamIndex, primingSamples: 0 })) {
    const ofFilm = piece.subarray(0, 2 * Math.max(0, planned - decoded));
    meter.push(ofFilm);
    await watch.push(ofFilm);
    times.push(ofFilm);
    decoded += piece.length / 2;
  }
  if (decoded < planned || decoded >= planned + samplesPerAacPacket) {
    throw new KeepsakeError(
      "film-sample-count-wrong",
      `The film has ${decoded} samples of sound where ${planned} were planned.`,
    );
  }
  const missing = watch.firstMissing();
  if (missing !== null) {
    const { cue, fromSample, isSilent } = missing;
    const place = filmPlace(Math.floor(fromSample / plan.samplesPerFrame), plan.fps);
    throw isSilent
      ? new KeepsakeError(
          "film-silent-range",
          `The film is silent from ${place} on, where message ${cue.messageId} speaks.`,
        )
      : new KeepsakeError(
          "film-sound-wrong",
          `From ${place} on, the sound is not that of message ${cue.messageId}.`,
        );
  }
  rejectMisplaced(times, plan);
  const loudness = meter.measure();
  rejectLoudness(loudness, plan.loudness, (ranges) => meter.integratedWithin(ranges));
  return { sampleCount: planned, loudness };
}

function rejectMisplaced(times: TimesWatch, plan: InspectionPlan): void {
  const found = times.firstMisplaced();
  if (found === null) return;
  const { cue, misplaced } = found;
  const sample = cue.firstSample + misplaced.seconds * sampleRate;
  const place = filmPlace(Math.floor(sample / plan.samplesPerFrame), plan.fps);
  const { lateSeconds } = misplaced;
  const how =
    lateSeconds === null
      ? "does not play"
      : `plays ${Math.abs(lateSeconds).toFixed(2)} s too ${lateSeconds < 0 ? "early" : "late"}`;
  throw new KeepsakeError(
    "film-sound-wrong",
    `From ${place} on, the film ${how} the sound that the file of message ${cue.messageId} has there.`,
  );
}

function rejectLoudness(
  { truePeakDbtp }: LoudnessMeasurement,
  target: LoudnessTarget | null,
  integratedWithin: (ranges: readonly SoundRange[]) => number | null,
): void {
  if (truePeakDbtp !== null && truePeakDbtp > highestPeakDbtp) {
    throw new KeepsakeError("film-peak-too-high", `The film's true peak is ${truePeakDbtp.toFixed(1)} dBTP.`);
  }
  if (target === null) return;
  const integratedLufs = integratedWithin(target.ranges);
  const missedLu = (integratedLufs ?? -Infinity) - target.lufs;
  const asLoudAsItCanBe = missedLu < 0 && (truePeakDbtp ?? -Infinity) > fullPeakDbtp;
  if (Math.abs(missedLu) <= toleranceLu || asLoudAsItCanBe) return;
  const found = integratedLufs === null ? "silent" : `at ${integratedLufs.toFixed(1)} LUFS`;
  throw new KeepsakeError("film-loudness-wrong", `The film is ${found} instead of at ${target.lufs} LUFS.`);
}
