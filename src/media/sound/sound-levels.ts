/**
 * How loud a sound is, by time: a byte for each fiftieth of a second. 0 is silence, from -100 dB on each step is half a
 * decibel, so 200 is the power of full scale.
 */
export const levelsPerSecond = 50;

const stepsPerDecibel = 2;
const silentDecibels = -100;

/** @param power mean square, 1 at full scale */
export function toLevel(power: number): number {
  const decibels = 10 * Math.log10(Math.max(power, Number.MIN_VALUE));
  return Math.max(0, Math.min(255, Math.round((decibels - silentDecibels) * stepsPerDecibel)));
}

/** Levels as text, for the answer of a process and the facts of an asset. */
export function encodeLevels(levels: Uint8Array): string {
  return Buffer.from(levels).toString("base64");
}

/**
 * The levels of sounds that are heard together, by the sum of their powers.
 *
 * @param sounds levels as `encodeLevels` gives them, and the gain that each is mixed with
 */
export function mixLevels(sounds: readonly { readonly levels: string; readonly gain: number }[]): string {
  const decoded = sounds.map(({ levels, gain }) => ({ levels: Buffer.from(levels, "base64"), gain }));
  const length = Math.max(0, ...decoded.map(({ levels }) => levels.length));
  const mixed = Uint8Array.from({ length }, (_, cell) =>
    toLevel(decoded.reduce((sum, { levels, gain }) => sum + toPower(levels[cell] ?? 0) * gain ** 2, 0)),
  );
  return encodeLevels(mixed);
}

/** The level of what is multiplied by `gain`. */
export function scaleLevel(level: number, gain: number): number {
  return gain === 1 ? level : toLevel(toPower(level) * gain ** 2);
}

function toPower(level: number): number {
  return level === 0 ? 0 : 10 ** ((level / stepsPerDecibel + silentDecibels) / 10);
}

/** Where and how what is heard differs from what a file says. */
export interface Misplaced {
  /** From the beginning of the sound on. */
  readonly seconds: number;
  /** How much later than in the file it is heard, negative where it is earlier; null where it is not heard at all. */
  readonly lateSeconds: number | null;
}

const windowCells = 4 * levelsPerSecond;
/** Further away it is not looked for. */
const maxLateCells = levelsPerSecond;
/** Softer parts say nothing: there may be music under them. */
const heardSteps = 35 * stepsPerDecibel;
/** A window in which the level moves less, by its standard deviation, sounds the same everywhere. */
const minSpreadSteps = 5 * stepsPerDecibel;
/** How alike the levels must be where the sound is found, and how much less where it should be. */
const minLikeness = 0.85;
const minDifference = 0.3;
/** What is loud in the file for so long must be heard, and what is softer by so much than the rest is not. */
const loudSteps = 12 * stepsPerDecibel;
const lostSteps = 25 * stepsPerDecibel;
const lostCells = 6;

/**
 * Compares what is heard with what the file says, by their levels alone, whatever gain and bed of music there is.
 *
 * @param file levels by the file's timestamps
 * @param heard levels of the same sound in the film, from its first sample to its last
 * @returns the first place at which sound is missing, or is by more than a fiftieth of a second early or late; null
 *   where there is none, or where nothing can be said, as of a steady tone
 */
export function findMisplaced(file: Uint8Array, heard: Uint8Array): Misplaced | null {
  const lost = findLost(file, heard);
  const shifted = findShifted(aboveFloor(file), aboveFloor(heard));
  if (lost === null || shifted === null) return lost ?? shifted;
  return lost.seconds < shifted.seconds ? lost : shifted;
}

function loudest(levels: Uint8Array): number {
  return levels.reduce((most, level) => Math.max(most, level), 0);
}

function aboveFloor(levels: Uint8Array): Float32Array {
  const floor = loudest(levels) - heardSteps;
  return Float32Array.from(levels, (level) => Math.max(0, level - floor));
}

function findLost(file: Uint8Array, heard: Uint8Array): Misplaced | null {
  const loud = loudest(file) - loudSteps;
  if (loud <= 0) return null;
  const gains = [...file.entries()]
    .filter(([cell, level]) => level >= loud && cell < heard.length)
    .map(([cell, level]) => (heard[cell] as number) - level)
    .toSorted((a, b) => a - b);
  // The gain of what is heard, even where half of the sound is not.
  const gain = gains[Math.floor(gains.length * 0.75)] ?? 0;
  let run = 0;
  for (const [cell, level] of file.entries()) {
    const isLost = level >= loud && (heard[cell] ?? 0) < level + gain - lostSteps;
    run = isLost ? run + 1 : 0;
    if (run >= lostCells) return { seconds: (cell + 1 - run) / levelsPerSecond, lateSeconds: null };
  }
  return null;
}

function findShifted(file: Float32Array, heard: Float32Array): Misplaced | null {
  for (let first = 0; first < file.length; first += windowCells / 2) {
    const length = Math.min(windowCells, file.length - first);
    if (length < levelsPerSecond || spread(file, first, length) < minSpreadSteps) continue;
    let best = -1;
    let bestLate = 0;
    let inPlace = -1;
    for (let late = -maxLateCells; late <= maxLateCells; late += 1) {
      const alike = likeness(file, heard, first, length, late);
      if (Math.abs(late) <= 1) inPlace = Math.max(inPlace, alike);
      if (alike > best) [best, bestLate] = [alike, late];
    }
    if (best >= minLikeness && inPlace <= best - minDifference)
      return { seconds: first / levelsPerSecond, lateSeconds: bestLate / levelsPerSecond };
  }
  return null;
}

function spread(levels: Float32Array, first: number, length: number): number {
  let sum = 0;
  let squares = 0;
  for (let cell = first; cell < first + length; cell += 1) {
    const level = levels[cell] as number;
    sum += level;
    squares += level * level;
  }
  return Math.sqrt(Math.max(0, squares / length - (sum / length) ** 2));
}

/** Pearson's correlation of a window of one with what is `late` cells later in the other. */
function likeness(
  file: Float32Array,
  heard: Float32Array,
  first: number,
  length: number,
  late: number,
): number {
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
  for (let cell = first; cell < first + length; cell += 1) {
    const x = file[cell] as number;
    const y = heard[cell + late] ?? 0;
    a += x;
    b += y;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  const [varA, varB] = [aa - (a * a) / length, bb - (b * b) / length];
  return varA <= 0 || varB <= 0 ? 0 : (ab - (a * b) / length) / Math.sqrt(varA * varB);
}
