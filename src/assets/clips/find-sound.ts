import { rename, rm } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import { findSoundStart, type EditedSource } from "../../media/sound/edited-sound.js";
import { mixSounds } from "../../media/sound/mix-sound.js";
import { isSameSound } from "../../media/sound/same-sound.js";
import { mixLevels } from "../../media/sound/sound-levels.js";
import type { SoundChoice, SoundPart, SoundCandidate } from "../../media/sound/sound-choices.js";
import {
  writeSamples,
  writeSound,
  type WriteSoundOptions,
  type WrittenSound,
} from "../../media/sound/write-sound.js";
import type { SoundSpan } from "../../media/asset.js";

/** Returns the source of a stream of the file. */
export type SoundInput = (streamIndex: number) => EditedSource;
export type SoundOptions = Pick<
  WriteSoundOptions,
  "path" | "startSeconds" | "maxGapSeconds" | "maxSeconds" | "onSeconds"
>;

interface Found {
  readonly sound: WrittenSound;
  readonly path: string;
  readonly gain: number;
}

/** A voice that is at least this loud is the main sound of the file, and its alternatives are not decoded. */
const clearVoiceLufs = -40;
/** An alternative without speech is replaced by another one that is louder by more than this. */
const muchLouderLu = 12;

/**
 * Writes the sound of a file to `options.path`: the best alternative of each choice, and all choices mixed at their own
 * times. Sounds that cannot be decoded are left out.
 *
 * @returns null when nothing can be decoded
 * @throws KeepsakeError `media-limit-exceeded`, `media-codec-unsupported`
 */
export async function findSound(
  input: SoundInput,
  choices: readonly SoundChoice[],
  options: SoundOptions,
): Promise<WrittenSound | null> {
  const written: string[] = [];
  const nextPath = async (): Promise<string> => {
    const path = `${options.path}.${written.length + 1}`;
    // A process that was killed may have left a file here.
    await rm(path, { force: true });
    written.push(path);
    return path;
  };
  const isOne = choices.length === 1 && choices[0]?.candidates.length === 1;
  const shared = isOne ? options : await onOneClock(input, choices, options);
  const write = (candidate: SoundCandidate) => writeCandidate(input, candidate, shared, nextPath);
  try {
    const found: Found[] = [];
    for (const choice of choices) found.push(...(await choose(choice, write)));
    return await combine(await withoutRepeats(found), options);
  } finally {
    for (const path of written) await rm(path, { force: true });
  }
}

/** Sounds that are mixed start with the first one. The gap before a later one is silence, not an error of its clock. */
async function onOneClock(
  input: SoundInput,
  choices: readonly SoundChoice[],
  options: SoundOptions,
): Promise<SoundOptions> {
  const { startSeconds, maxSeconds, maxGapSeconds } = options;
  if (startSeconds !== null) return options;
  const played = choices.flatMap(({ candidates, mayBeLayers }) =>
    mayBeLayers ? candidates : candidates.slice(0, 1),
  );
  const starts: number[] = [];
  for (const streamIndex of played
    .flatMap(({ parts }) => parts.slice(0, 1))
    .map((part) => part.streamIndex)) {
    const start = await nullIfDamaged(findSoundStart(input(streamIndex)));
    if (start !== null) starts.push(start);
  }
  if (played.length < 2 || starts.length === 0) return options;
  return {
    ...options,
    startSeconds: Math.min(...starts),
    maxGapSeconds: Math.max(maxGapSeconds, maxSeconds),
  };
}

type WriteCandidate = (candidate: SoundCandidate) => Promise<Found | null>;

/** Chooses the first alternative with a clear voice, else one with speech, else one that is much louder. Returns all layers. */
async function choose({ candidates, mayBeLayers }: SoundChoice, write: WriteCandidate): Promise<Found[]> {
  const layers: Found[] = [];
  let best: Found | null = null;
  for (const candidate of candidates) {
    const next = await write(candidate);
    if (next === null) continue;
    if (mayBeLayers) {
      layers.push(next);
      continue;
    }
    const isBest = best === null || isBetter(next, best);
    const other = isBest ? best : next;
    if (other !== null) await rm(other.path, { force: true });
    if (isBest) best = next;
    if (isClearVoice(next)) break;
  }
  return best === null ? layers : [best];
}

function isClearVoice({ sound }: Found): boolean {
  return sound.speech.length > 0 && (sound.integratedLufs ?? -Infinity) >= clearVoiceLufs;
}

function isBetter({ sound: next }: Found, { sound: best }: Found): boolean {
  const louderLu = (next.integratedLufs ?? -100) - (best.integratedLufs ?? -100);
  const speechDifference = Number(next.speech.length > 0) - Number(best.speech.length > 0);
  return speechDifference === 0 ? louderLu > muchLouderLu : speechDifference > 0;
}

/** Leaves out repeats: the same recording in another coding. */
async function withoutRepeats(found: readonly Found[]): Promise<Found[]> {
  const unique: Found[] = [];
  for (const next of found) {
    let isRepeat = false;
    for (const { path } of unique) isRepeat ||= await isSameSound(path, next.path);
    if (!isRepeat) unique.push(next);
  }
  return unique;
}

async function combine(found: readonly Found[], options: SoundOptions): Promise<WrittenSound | null> {
  const [first, ...others] = found;
  if (first === undefined) return null;
  if (others.length > 0) {
    const mixed = await writeSamples(mixSounds(found), options);
    // Speech is searched for in each sound separately, because the others may be louder than it in the mix.
    return mixed === null
      ? null
      : {
          ...mixed,
          speech: joinSpans(found.flatMap(({ sound }) => sound.speech)),
          fileLevels: levelsOf(found),
        };
  }
  await rename(first.path, options.path);
  return first.sound;
}

function levelsOf(found: readonly Found[]): string | null {
  const known = found.flatMap(({ sound: { fileLevels: levels }, gain }) =>
    levels === null ? [] : [{ levels, gain }],
  );
  return known.length < found.length ? null : mixLevels(known);
}

/** Sorts spans and joins those that overlap or touch. */
function joinSpans(spans: readonly SoundSpan[]): SoundSpan[] {
  const joined: SoundSpan[] = [];
  for (const span of spans.toSorted((a, b) => a.firstSample - b.firstSample)) {
    const last = joined.at(-1);
    if (last === undefined || span.firstSample > last.endSample) joined.push(span);
    else joined[joined.length - 1] = { ...last, endSample: Math.max(last.endSample, span.endSample) };
  }
  return joined;
}

async function writeCandidate(
  input: SoundInput,
  { parts, gain }: SoundCandidate,
  options: SoundOptions,
  nextPath: () => Promise<string>,
): Promise<Found | null> {
  const isPart = parts.length > 1;
  const write = async ({ streamIndex, matrix }: SoundPart): Promise<Found | null> => {
    const path = await nextPath();
    const sound = await nullIfDamaged(writeSound(input(streamIndex), { ...options, path, matrix, isPart }));
    if (sound !== null && sound.sampleCount > 0) return { sound, path, gain };
    await rm(path, { force: true });
    return null;
  };
  let mixed: Found | null = null;
  for (const part of parts) {
    const next = await write(part);
    if (next === null || mixed === null) {
      mixed ??= next;
      continue;
    }
    const path = await nextPath();
    const both = [mixed, next].map((found) => ({ path: found.path, gain: 1 }));
    const sound = await writeSamples(mixSounds(both), { ...options, path, isPart: part !== parts.at(-1) });
    for (const found of both) await rm(found.path, { force: true });
    mixed = sound === null ? null : { sound, path, gain };
  }
  return mixed;
}

/** Turns the error of a damaged stream into null, so that the next one is tried. Other errors concern the whole file. */
export async function nullIfDamaged<T>(decoding: Promise<T | null>): Promise<T | null> {
  try {
    return await decoding;
  } catch (error) {
    if (error instanceof KeepsakeError && error.code === "media-damaged") return null;
    throw error;
  }
}
