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

/** Where each stream of a file is read from. */
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

/** A voice of this loudness is what the file is about: its alternatives are not listened to. */
const plainVoiceLufs = -40;
/** Of two alternatives in which nobody speaks, one so much louder is heard. */
const muchLouderLu = 12;

/**
 * Writes what is heard of a file to `options.path`: of each choice the one that speaks, all choices together at their
 * own times. Sounds that cannot be decoded are left out.
 *
 * @returns null where nothing can be decoded
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
    // A process that was killed may have left one.
    await rm(path, { force: true });
    written.push(path);
    return path;
  };
  const isOne = choices.length === 1 && choices[0]?.candidates.length === 1;
  const shared = isOne ? options : await onOneClock(input, choices, options);
  const write = (take: SoundCandidate) => writeTake(input, take, shared, nextPath);
  try {
    const found: Found[] = [];
    for (const choice of choices) found.push(...(await choose(choice, write)));
    return await unite(await withoutRepeats(found), options);
  } finally {
    for (const path of written) await rm(path, { force: true });
  }
}

/** Sounds that are heard together begin together, with the first of them; a late one is no broken clock. */
async function onOneClock(
  input: SoundInput,
  choices: readonly SoundChoice[],
  options: SoundOptions,
): Promise<SoundOptions> {
  const { startSeconds, maxSeconds, maxGapSeconds } = options;
  if (startSeconds !== null) return options;
  const heard = choices.flatMap(({ candidates, mayBeLayers }) =>
    mayBeLayers ? candidates : candidates.slice(0, 1),
  );
  const starts: number[] = [];
  for (const streamIndex of heard.flatMap(({ parts }) => parts.slice(0, 1)).map((part) => part.streamIndex)) {
    const start = await orNull(findSoundStart(input(streamIndex)));
    if (start !== null) starts.push(start);
  }
  if (heard.length < 2 || starts.length === 0) return options;
  return {
    ...options,
    startSeconds: Math.min(...starts),
    maxGapSeconds: Math.max(maxGapSeconds, maxSeconds),
  };
}

type WriteTake = (take: SoundCandidate) => Promise<Found | null>;

/** Of alternatives the first in which somebody plainly speaks, else the one that speaks, else one that is much louder. */
async function choose({ candidates, mayBeLayers }: SoundChoice, write: WriteTake): Promise<Found[]> {
  const layers: Found[] = [];
  let best: Found | null = null;
  for (const take of candidates) {
    const next = await write(take);
    if (next === null) continue;
    if (mayBeLayers) {
      layers.push(next);
      continue;
    }
    const isBest = best === null || isBetter(next, best);
    const other = isBest ? best : next;
    if (other !== null) await rm(other.path, { force: true });
    if (isBest) best = next;
    if (isPlainVoice(next)) break;
  }
  return best === null ? layers : [best];
}

function isPlainVoice({ sound }: Found): boolean {
  return sound.speech.length > 0 && (sound.integratedLufs ?? -Infinity) >= plainVoiceLufs;
}

function isBetter({ sound: next }: Found, { sound: best }: Found): boolean {
  const louderLu = (next.integratedLufs ?? -100) - (best.integratedLufs ?? -100);
  const speaks = Number(next.speech.length > 0) - Number(best.speech.length > 0);
  return speaks === 0 ? louderLu > muchLouderLu : speaks > 0;
}

/** Two codings of one recording are heard once. */
async function withoutRepeats(found: readonly Found[]): Promise<Found[]> {
  const kept: Found[] = [];
  for (const next of found) {
    let isRepeat = false;
    for (const { path } of kept) isRepeat ||= await isSameSound(path, next.path);
    if (!isRepeat) kept.push(next);
  }
  return kept;
}

async function unite(found: readonly Found[], options: SoundOptions): Promise<WrittenSound | null> {
  const [first, ...others] = found;
  if (first === undefined) return null;
  if (others.length > 0) {
    const mixed = await writeSamples(mixSounds(found), options);
    // What is said in one is found there, however loud the others are.
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

/** In order, none touching another. */
function joinSpans(spans: readonly SoundSpan[]): SoundSpan[] {
  const joined: SoundSpan[] = [];
  for (const span of spans.toSorted((a, b) => a.firstSample - b.firstSample)) {
    const last = joined.at(-1);
    if (last === undefined || span.firstSample > last.endSample) joined.push(span);
    else joined[joined.length - 1] = { ...last, endSample: Math.max(last.endSample, span.endSample) };
  }
  return joined;
}

async function writeTake(
  input: SoundInput,
  { parts, gain }: SoundCandidate,
  options: SoundOptions,
  nextPath: () => Promise<string>,
): Promise<Found | null> {
  const isPart = parts.length > 1;
  const write = async ({ streamIndex, matrix }: SoundPart): Promise<Found | null> => {
    const path = await nextPath();
    const sound = await orNull(writeSound(input(streamIndex), { ...options, path, matrix, isPart }));
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

/** Null where the stream is damaged, so that the next one is tried; limits hold for the whole file. */
export async function orNull<T>(decoding: Promise<T | null>): Promise<T | null> {
  try {
    return await decoding;
  } catch (error) {
    if (error instanceof KeepsakeError && error.code === "media-damaged") return null;
    throw error;
  }
}
