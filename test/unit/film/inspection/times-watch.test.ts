import { describe, expect, it } from "vitest";

import type { PlannedCue } from "../../../../dist/film/inspection/inspection-plan.js";
import { createTimesWatch } from "../../../../dist/film/inspection/times-watch.js";
import { encodeLevels, levelsPerSecond, toLevel } from "../../../../dist/media/sound/sound-levels.js";

const sampleRate = 48_000;
const amplitude = 0.1;

/** The cue of a file that hums evenly for four seconds, like a fan, the sea or a church organ. */
const hum: PlannedCue = {
  messageId: "m1",
  path: "hum.f32",
  firstSample: sampleRate,
  sampleCount: 4 * sampleRate,
  isAudible: true,
  fadeInSamples: 19_200,
  fadeOutSamples: 38_400,
  fileLevels: encodeLevels(new Uint8Array(4 * levelsPerSecond).fill(toLevel(amplitude ** 2 / 2))),
};

/** Six seconds of a film with that hum at the gain that `gainAt` returns, by the samples since its first one. */
function misplacedIn(cue: PlannedCue, gainAt: (sample: number) => number): number | null {
  const film = new Float32Array(2 * 6 * sampleRate);
  for (let sample = 0; sample < cue.sampleCount; sample += 1) {
    const value = amplitude * gainAt(sample) * Math.sin((2 * Math.PI * 440 * sample) / sampleRate);
    film.fill(value, 2 * (cue.firstSample + sample), 2 * (cue.firstSample + sample) + 2);
  }
  const watch = createTimesWatch([cue]);
  watch.push(film);
  return watch.firstMisplaced()?.misplaced.seconds ?? null;
}

const fadeOf = (share: number): number => 0.5 - 0.5 * Math.cos(Math.PI * Math.min(1, share));

const faded = (sample: number): number =>
  fadeOf(sample / hum.fadeInSamples) * fadeOf((hum.sampleCount - sample) / hum.fadeOutSamples);

describe("createTimesWatch", () => {
  it("accepts an even hum that the film fades in and out as planned", () => {
    expect(misplacedIn(hum, faded)).toBeNull();
  });

  it("reports sound that is softer than its fades make it", () => {
    expect(misplacedIn({ ...hum, fadeInSamples: 0, fadeOutSamples: 0 }, faded)).toBeCloseTo(3.88, 1);
    expect(misplacedIn(hum, (sample) => (sample < sampleRate ? 0 : faded(sample)))).toBeLessThan(0.3);
    expect(misplacedIn(hum, (sample) => (sample < 3 * sampleRate ? faded(sample) : 0))).toBeLessThanOrEqual(
      3,
    );
  });

  it("reports the missing end of a file that is longer than its prepared sound", () => {
    const prepared = { ...hum, sampleCount: 3 * sampleRate };
    expect(
      misplacedIn(prepared, (sample) => fadeOf((prepared.sampleCount - sample) / prepared.fadeOutSamples)),
    ).toBeCloseTo(3, 1);
  });
});
