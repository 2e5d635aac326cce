import { sampleRate } from "../../media/sound/sound-format.js";
import { createRandom } from "../../random.js";

/** A tone of the bed: it fades in from its first sample on, and fades out after its last. */
export interface PadNote {
  /** Voice from 0, the lowest; each plays one tone at a time. */
  readonly voice: number;
  readonly hertz: number;
  /** Sample of the film; negative for the first notes, which begin before the film. */
  readonly firstSample: number;
  /** Sample at which it begins to fade out. */
  readonly endSample: number;
  readonly attackSamples: number;
  readonly releaseSamples: number;
  /** Offset into its tone, between 0 and 1. */
  readonly phase: number;
}

interface Chord {
  /** Tones from the lowest voice up, as ratios to the tonic in just intonation, so that nothing beats. */
  readonly tones: readonly [number, number, number, number];
  readonly next: readonly ChordName[];
}

type ChordName = "tonic" | "sixth" | "relative" | "subdominant" | "plagal" | "mediant" | "dominant";

/** D3: the lowest tone is G2 at 98 Hz, the highest G4 at 392. */
const tonicHertz = 146.832;
/**
 * Chords with wide intervals below and close ones above. In all voices but the lowest, each neighbour is a step or a
 * common tone away, and every chord may return to the tonic.
 */
const chords: Readonly<Record<ChordName, Chord>> = {
  tonic: { tones: [1, 3 / 2, 2, 5 / 2], next: ["sixth", "subdominant", "plagal", "mediant", "sixth"] },
  sixth: { tones: [5 / 6, 3 / 2, 2, 5 / 2], next: ["subdominant", "mediant", "dominant", "tonic"] },
  relative: { tones: [5 / 6, 5 / 3, 2, 5 / 2], next: ["subdominant", "mediant", "tonic"] },
  subdominant: { tones: [2 / 3, 5 / 3, 2, 5 / 2], next: ["tonic", "sixth", "mediant", "relative"] },
  plagal: { tones: [1, 5 / 3, 2, 8 / 3], next: ["tonic", "relative", "tonic"] },
  mediant: { tones: [3 / 4, 3 / 2, 15 / 8, 5 / 2], next: ["subdominant", "sixth", "relative", "tonic"] },
  dominant: { tones: [3 / 4, 3 / 2, 15 / 8, 9 / 4], next: ["tonic", "sixth", "mediant"] },
};
const shortestChordSeconds = 9;
const longestChordSeconds = 14;
/** A tone that continues in the next chord is started again if it has already lasted this long. */
const maxToneSeconds = 12;
/** The last chord is the tonic, and lasts long enough to fade in before the bed fades out. */
const lastChordSeconds = 14;

/**
 * Composes a slow sequence of related chords that returns to the tonic at the film's end. The same length always gives
 * the same notes, and a longer film has more chords.
 */
export function composeAmbient(sampleCount: number): readonly PadNote[] {
  const random = createRandom(1);
  const between = (low: number, high: number) => Math.round((low + (high - low) * random()) * sampleRate);
  const sequence: { readonly chord: Chord; readonly firstSample: number }[] = [];
  let name: ChordName = "tonic";
  let before: ChordName = "tonic";
  let firstSample = -between(6, 7);
  while (firstSample < sampleCount - lastChordSeconds * sampleRate) {
    sequence.push({ chord: chords[name], firstSample });
    firstSample += between(shortestChordSeconds, longestChordSeconds);
    const choices: readonly ChordName[] = chords[name].next.filter((next) => next !== before);
    before = name;
    name = choices[Math.floor(random() * choices.length)] ?? "tonic";
  }
  sequence.push({ chord: chords.tonic, firstSample });
  const endSample = sampleCount + sampleRate;

  return [0, 1, 2, 3].flatMap((voice) => {
    const notes: PadNote[] = [];
    for (const [index, { chord, firstSample: start }] of sequence.entries()) {
      const tone = chord.tones[voice] as number;
      const end = sequence[index + 1]?.firstSample ?? endSample;
      const last = notes.at(-1);
      const continues = last !== undefined && sequence[index - 1]?.chord.tones[voice] === tone;
      if (continues && start - last.firstSample < maxToneSeconds * sampleRate) {
        notes[notes.length - 1] = { ...last, endSample: end };
        continue;
      }
      notes.push({
        voice,
        hertz: tonicHertz * tone,
        firstSample: start + between(-1.5, 0.5),
        endSample: end,
        attackSamples: between(4, 5.5),
        releaseSamples: between(4.5, 6),
        phase: random(),
      });
    }
    return notes;
  });
}
