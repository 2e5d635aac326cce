/**
 * Number of cells in each row and column of a picture. That is enough to detect a wrong orientation, a mirrored picture
 * or wrong colours, and too few to show a face.
 */
export const gridSide = 8;
/** Places of the sampled pictures of a clip, as parts of its length. */
export const samplePlaces = [0.2, 0.45, 0.8] as const;
/** Number of equal parts of a sound that are measured. */
export const partCount = 12;
/** A part that is softer than the loudest one by more than this counts as silent. */
export const silenceDb = -25;

/** A few numbers that describe the pictures and the sound of a file. */
export interface MediaSample {
  readonly width: number | null;
  readonly height: number | null;
  /** Length; of an animation that repeats, length of one loop. */
  readonly seconds: number | null;
  /** One picture of a photo, one for each place of a clip: the mean sRGB of each cell, row by row, as hex digits. */
  readonly pictures: readonly string[];
  readonly sound: SoundSample | null;
}

export interface SoundSample {
  /** Level of the mean of both channels, relative to full scale. */
  readonly rmsDb: number;
  /** Root mean square of its frequencies: the middle of its spectrum. */
  readonly brightnessHz: number;
  /** Level of each part, relative to the loudest. */
  readonly envelopeDb: readonly number[];
}

/** The expected numbers, measured by other programs. */
export interface Reference extends Partial<MediaSample> {
  /** Largest difference of a picture's cells, root mean square of 255. Default: as much as decoders differ. */
  readonly tolerance?: number;
}

const usualTolerance = 6;
const aspectTolerance = 0.015;
/** Allows for the priming of encoders and the length of the last picture. */
const secondsTolerance = 0.15;
const rmsToleranceDb = 1.5;
const brightnessTolerance = 0.15;
const envelopeToleranceDb = 5;

/** Returns the root mean square difference of two pictures' cells, of 255. */
function pictureDistance(one: string, other: string): number {
  const [a, b] = [Buffer.from(one, "hex"), Buffer.from(other, "hex")];
  const squares = a.reduce((total, value, index) => total + (value - (b[index] ?? 0)) ** 2, 0);
  return a.length === b.length ? Math.sqrt(squares / a.length) : Number.POSITIVE_INFINITY;
}

/** Returns a sentence for each difference of a sample from its reference. */
export function compareSamples(sample: MediaSample, reference: Reference): readonly string[] {
  return [
    ...compareShapes(sample, reference),
    ...compareLengths(sample, reference),
    ...comparePictures(sample, reference),
    ...compareSounds(sample.sound, reference.sound ?? null),
  ];
}

function compareShapes(sample: MediaSample, { width, height }: Reference): string[] {
  if (!width || !height) return [];
  const aspect = (sample.width ?? 0) / (sample.height ?? 1);
  if (Math.abs(aspect / (width / height) - 1) <= aspectTolerance) return [];
  return [`It is ${sample.width} × ${sample.height} and should have the shape of ${width} × ${height}.`];
}

function compareLengths(sample: MediaSample, { seconds }: Reference): string[] {
  if (!seconds) return [];
  if (Math.abs((sample.seconds ?? 0) - seconds) <= secondsTolerance) return [];
  return [`It lasts ${sample.seconds?.toFixed(2)} s and should last ${seconds} s.`];
}

function comparePictures(
  sample: MediaSample,
  { pictures = [], tolerance = usualTolerance }: Reference,
): string[] {
  return pictures.flatMap((picture, index) => {
    const distance = pictureDistance(picture, sample.pictures[index] ?? "");
    if (distance <= tolerance) return [];
    return [`Picture ${index + 1} differs by ${distance.toFixed(0)}; at most ${tolerance} is allowed.`];
  });
}

function compareSounds(sound: SoundSample | null, wanted: SoundSample | null): string[] {
  if (wanted === null) return [];
  if (sound === null) return ["It has no sound."];
  const wrong = compareSoundShapes(sound, wanted);
  if (Math.abs(sound.rmsDb - wanted.rmsDb) > rmsToleranceDb) {
    wrong.push(`It is at ${sound.rmsDb.toFixed(1)} dB and should be at ${wanted.rmsDb} dB.`);
  }
  return wrong;
}

/** Compares two sounds apart from their level. */
function compareSoundShapes(sound: SoundSample, wanted: SoundSample): string[] {
  const wrong: string[] = [];
  if (Math.abs(sound.brightnessHz / wanted.brightnessHz - 1) > brightnessTolerance) {
    wrong.push(
      `The middle of its spectrum is ${sound.brightnessHz.toFixed(0)} Hz and should be ${wanted.brightnessHz} Hz.`,
    );
  }
  const part = wanted.envelopeDb.findIndex(
    (level, index) => Math.abs(level - (sound.envelopeDb[index] ?? silenceDb)) > envelopeToleranceDb,
  );
  if (part !== -1) {
    wrong.push(
      `Part ${part + 1} of ${partCount} is at ${sound.envelopeDb[part]?.toFixed(1)} dB of its loudest part and should ` +
        `be at ${wanted.envelopeDb[part]} dB.`,
    );
  }
  return wrong;
}
