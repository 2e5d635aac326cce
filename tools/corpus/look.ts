/** Cells of a picture each way: enough to tell what is upright, unmirrored and rightly coloured, and nobody's face. */
export const gridSide = 8;
/** Places in a clip that are looked at, as parts of its length. */
export const lookPlaces = [0.2, 0.45, 0.8] as const;
/** A sound is heard in so many equal parts. */
export const partCount = 12;
/** What is softer than a sound's loudest part by more than this counts as silence. */
export const softestDb = -25;

/** What is seen and heard of a file, in few numbers. */
export interface Look {
  readonly width: number | null;
  readonly height: number | null;
  /** Of what goes round: of one turn. */
  readonly seconds: number | null;
  /** Of a photo one, of a clip one for each place: the mean sRGB of each cell, row by row, as hex digits. */
  readonly pictures: readonly string[];
  readonly sound: SoundLook | null;
}

export interface SoundLook {
  /** Of both channels' mean, to full scale. */
  readonly rmsDb: number;
  /** The root mean square of its frequencies: where the middle of its spectrum lies. */
  readonly brightnessHz: number;
  /** Of each part, to the loudest. */
  readonly envelopeDb: readonly number[];
}

/** Numbers measured by other means than ours. */
export interface Reference extends Partial<Look> {
  /** How far a picture's cells may be from it, root mean square of 255; where it says nothing, as far as decoders differ. */
  readonly tolerance?: number;
}

const usualTolerance = 6;
const aspectTolerance = 0.015;
/** Encoders' priming, and the last picture's own length. */
const secondsTolerance = 0.15;
const rmsToleranceDb = 1.5;
const brightnessTolerance = 0.15;
const envelopeToleranceDb = 5;

/** How two pictures' cells differ: root mean square, of 255. */
function pictureDistance(one: string, other: string): number {
  const [a, b] = [Buffer.from(one, "hex"), Buffer.from(other, "hex")];
  const squares = a.reduce((total, value, index) => total + (value - (b[index] ?? 0)) ** 2, 0);
  return a.length === b.length ? Math.sqrt(squares / a.length) : Number.POSITIVE_INFINITY;
}

/** In what a look differs from its reference, a sentence for each; empty where it does not. */
export function compareLooks(look: Look, reference: Reference): readonly string[] {
  return [
    ...compareShapes(look, reference),
    ...compareLengths(look, reference),
    ...comparePictures(look, reference),
    ...compareSounds(look.sound, reference.sound ?? null),
  ];
}

function compareShapes(look: Look, { width, height }: Reference): string[] {
  if (!width || !height) return [];
  const aspect = (look.width ?? 0) / (look.height ?? 1);
  if (Math.abs(aspect / (width / height) - 1) <= aspectTolerance) return [];
  return [`It is ${look.width} × ${look.height} and should be as ${width} × ${height}.`];
}

function compareLengths(look: Look, { seconds }: Reference): string[] {
  if (!seconds) return [];
  if (Math.abs((look.seconds ?? 0) - seconds) <= secondsTolerance) return [];
  return [`It lasts ${look.seconds?.toFixed(2)} s and should last ${seconds} s.`];
}

function comparePictures(look: Look, { pictures = [], tolerance = usualTolerance }: Reference): string[] {
  return pictures.flatMap((picture, index) => {
    const distance = pictureDistance(picture, look.pictures[index] ?? "");
    if (distance <= tolerance) return [];
    return [`Picture ${index + 1} differs by ${distance.toFixed(0)} where ${tolerance} may be.`];
  });
}

function compareSounds(sound: SoundLook | null, wanted: SoundLook | null): string[] {
  if (wanted === null) return [];
  if (sound === null) return ["It has no sound."];
  const wrong = compareSoundShapes(sound, wanted);
  if (Math.abs(sound.rmsDb - wanted.rmsDb) > rmsToleranceDb) {
    wrong.push(`It is at ${sound.rmsDb.toFixed(1)} dB and should be at ${wanted.rmsDb} dB.`);
  }
  return wrong;
}

/** Whatever their level. */
function compareSoundShapes(sound: SoundLook, wanted: SoundLook): string[] {
  const wrong: string[] = [];
  if (Math.abs(sound.brightnessHz / wanted.brightnessHz - 1) > brightnessTolerance) {
    wrong.push(
      `Its spectrum lies at ${sound.brightnessHz.toFixed(0)} Hz and should at ${wanted.brightnessHz} Hz.`,
    );
  }
  const part = wanted.envelopeDb.findIndex(
    (level, index) => Math.abs(level - (sound.envelopeDb[index] ?? softestDb)) > envelopeToleranceDb,
  );
  if (part !== -1) {
    wrong.push(
      `Part ${part + 1} of ${partCount} is at ${sound.envelopeDb[part]?.toFixed(1)} dB of its loudest and should ` +
        `be at ${wanted.envelopeDb[part]} dB.`,
    );
  }
  return wrong;
}
