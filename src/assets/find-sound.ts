import { rename, rm } from "node:fs/promises";

import { KeepsakeError } from "../errors.js";
import { findSoundStart } from "../media/decode-sound.js";
import { mixSounds } from "../media/mix-sound.js";
import type { FrameSource } from "../media/open-frames.js";
import { isSameSound } from "../media/same-sound.js";
import type { SoundChoice, SoundPart, SoundTake } from "../media/sound-choices.js";
import { writeSamples, writeSound, type WriteSoundOptions, type WrittenSound } from "../media/write-sound.js";

export type SoundInput = Omit<FrameSource, "streamIndex">;
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
  const nextPath = (): string => {
    const path = `${options.path}.${written.length + 1}`;
    written.push(path);
    return path;
  };
  const isOne = choices.length === 1 && choices[0]?.takes.length === 1;
  const shared = isOne ? options : await onOneClock(input, choices, options);
  const write = (take: SoundTake) => writeTake(input, take, shared, nextPath);
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
  const heard = choices.flatMap(({ takes, mayBeLayers }) => (mayBeLayers ? takes : takes.slice(0, 1)));
  const starts: number[] = [];
  for (const streamIndex of heard.flatMap(({ parts }) => parts.slice(0, 1)).map((part) => part.streamIndex)) {
    const start = await orNull(findSoundStart({ ...input, streamIndex }));
    if (start !== null) starts.push(start);
  }
  if (heard.length < 2 || starts.length === 0) return options;
  return { ...options, startSeconds: Math.min(...starts), maxGapSeconds: Math.max(maxGapSeconds, maxSeconds) };
}

type WriteTake = (take: SoundTake) => Promise<Found | null>;

/** Of alternatives the first in which somebody plainly speaks, else the one that speaks, else one that is much louder. */
async function choose({ takes, mayBeLayers }: SoundChoice, write: WriteTake): Promise<Found[]> {
  const found: Found[] = [];
  for (const take of takes) {
    const next = await write(take);
    if (next === null) continue;
    found.push(next);
    if (!mayBeLayers && isPlainVoice(next)) return [next];
  }
  if (mayBeLayers) return found;
  const [first, ...others] = found;
  if (first === undefined) return [];
  return [others.reduce((best, next) => (isBetter(next, best) ? next : best), first)];
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
  if (others.length > 0) return await writeSamples(mixSounds(found), options);
  await rename(first.path, options.path);
  return first.sound;
}

async function writeTake(
  input: SoundInput,
  { parts, gain }: SoundTake,
  options: SoundOptions,
  nextPath: () => string,
): Promise<Found | null> {
  const isPart = parts.length > 1;
  const write = async ({ streamIndex, matrix }: SoundPart): Promise<Found | null> => {
    const path = nextPath();
    const sound = await orNull(writeSound({ ...input, streamIndex }, { ...options, path, matrix, isPart }));
    if (sound !== null && sound.sampleCount > 0) return { sound, path, gain };
    await rm(path, { force: true });
    return null;
  };
  const [first, ...others] = parts;
  if (first === undefined) return null;
  if (others.length === 0) return await write(first);
  const found: Found[] = [];
  for (const part of parts) found.push(...([await write(part)].filter((one) => one !== null)));
  if (found.length === 0) return null;
  const path = nextPath();
  const sound = await writeSamples(mixSounds(found.map((part) => ({ path: part.path, gain: 1 }))), { ...options, path });
  for (const part of found) await rm(part.path, { force: true });
  return sound === null ? null : { sound, path, gain };
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
