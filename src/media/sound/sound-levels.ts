/**
 * Levels of a sound over time: one byte for each fiftieth of a second. 0 is silence; above -100 dB each step is half a
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

/** Encodes levels as text, for the answer of a process and the properties of an asset. */
export function encodeLevels(levels: Uint8Array): string {
  return Buffer.from(levels).toString("base64");
}

/**
 * The levels of a mix of sounds, by the sum of their powers.
 *
 * @param sounds levels from `encodeLevels`, and the gain of each sound in the mix
 */
export function mixLevels(sounds: readonly { readonly levels: string; readonly gain: number }[]): string {
  const decoded = sounds.map(({ levels, gain }) => ({ levels: Buffer.from(levels, "base64"), gain }));
  const length = Math.max(0, ...decoded.map(({ levels }) => levels.length));
  const mixed = Uint8Array.from({ length }, (_, cell) =>
    toLevel(decoded.reduce((sum, { levels, gain }) => sum + toPower(levels[cell] ?? 0) * gain ** 2, 0)),
  );
  return encodeLevels(mixed);
}

/** The level of a sound after multiplication by `gain`. */
export function scaleLevel(level: number, gain: number): number {
  return gain === 1 ? level : toLevel(toPower(level) * gain ** 2);
}

function toPower(level: number): number {
  return level === 0 ? 0 : 10 ** ((level / stepsPerDecibel + silentDecibels) / 10);
}

/** A place at which the sound of a film differs from that of its file. */
export interface Misplaced {
  /** Time from the beginning of the sound. */
  readonly seconds: number;
  /** Delay compared with the file; negative when it is early, null when the sound is missing. */
  readonly lateSeconds: number | null;
}

const windowCells = 4 * levelsPerSecond;
/** Largest delay that is searched. */
const maxLateCells = levelsPerSecond;
/** Parts that are softer than the loudest by this much are ignored: there may be music under them. */
const comparedSteps = 35 * stepsPerDecibel;
/** Smallest standard deviation of levels in a window; with less it would match everywhere. */
const minSpreadSteps = 5 * stepsPerDecibel;
/** Smallest correlation where the sound is found, and smallest difference from that where it should be. */
const minLikeness = 0.85;
const minDifference = 0.3;
/** Sound that is loud in the file for this long must be in the film; it is missing if it is softer by this much. */
const loudSteps = 12 * stepsPerDecibel;
const lostSteps = 25 * stepsPerDecibel;
const lostCells = 6;

/**
 * Compares the levels of a sound in the film with those of its file. The result does not depend on its gain, or on music
 * under it.
 *
 * @param file levels by the file's timestamps
 * @param film levels of the same sound in the film, from its first sample to its last
 * @returns the first place at which sound is missing, or is early or late by more than a fiftieth of a second; null
 *   if there is none, or if it cannot be known, as for a steady tone
 */
export function findMisplaced(file: Uint8Array, film: Uint8Array): Misplaced | null {
  const lost = findLost(file, film);
  const shifted = findShifted(aboveFloor(file), aboveFloor(film));
  if (lost === null || shifted === null) return lost ?? shifted;
  return lost.seconds < shifted.seconds ? lost : shifted;
}

function loudest(levels: Uint8Array): number {
  return levels.reduce((highest, level) => Math.max(highest, level), 0);
}

function aboveFloor(levels: Uint8Array): Float32Array {
  const floor = loudest(levels) - comparedSteps;
  return Float32Array.from(levels, (level) => Math.max(0, level - floor));
}

function findLost(file: Uint8Array, film: Uint8Array): Misplaced | null {
  const loud = loudest(file) - loudSteps;
  if (loud <= 0) return null;
  const gains = [...file.entries()]
    .filter(([cell, level]) => level >= loud && cell < film.length)
    .map(([cell, level]) => (film[cell] as number) - level)
    .toSorted((a, b) => a - b);
  // The gain of the sound in the film, even when half of the sound is missing.
  const gain = gains[Math.floor(gains.length * 0.75)] ?? 0;
  let run = 0;
  for (const [cell, level] of file.entries()) {
    const isLost = level >= loud && (film[cell] ?? 0) < level + gain - lostSteps;
    run = isLost ? run + 1 : 0;
    if (run >= lostCells) return { seconds: (cell + 1 - run) / levelsPerSecond, lateSeconds: null };
  }
  return null;
}

function findShifted(file: Float32Array, film: Float32Array): Misplaced | null {
  for (let first = 0; first < file.length; first += windowCells / 2) {
    const length = Math.min(windowCells, file.length - first);
    if (length < levelsPerSecond || spread(file, first, length) < minSpreadSteps) continue;
    let best = -1;
    let bestLate = 0;
    let inPlace = -1;
    for (let late = -maxLateCells; late <= maxLateCells; late += 1) {
      const alike = likeness(file, film, first, length, late);
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

/** Pearson's correlation of a window of one with the window `late` cells later in the other. */
function likeness(
  file: Float32Array,
  film: Float32Array,
  first: number,
  length: number,
  late: number,
): number {
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
  for (let cell = first; cell < first + length; cell += 1) {
    const x = file[cell] as number;
    const y = film[cell + late] ?? 0;
    a += x;
    b += y;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  const [varA, varB] = [aa - (a * a) / length, bb - (b * b) / length];
  return varA <= 0 || varB <= 0 ? 0 : (ab - (a * b) / length) / Math.sqrt(varA * varB);
}
