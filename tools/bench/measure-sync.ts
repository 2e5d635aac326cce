import { mkdir } from "node:fs/promises";
import path from "node:path";

import { noCache } from "../../dist/cache/disk-cache.js";
import type { CapsuleContent, Message } from "../../dist/capsule/content.js";
import { KeepsakeError } from "../../dist/errors.js";
import { samplesPerFrame } from "../../dist/film/model/film-settings.js";
import type { FilmConfig } from "../../dist/settings/config.js";
import type { Log } from "../../dist/log.js";
import { runChild } from "../../dist/process/run-child.js";
import type { FlashClipInput } from "./flash-clip-child.js";
import type { FlashesAndBeeps } from "./measure-sync-child.js";
import { renderCapsule } from "./render-capsule.js";

export interface SyncDeviation {
  /** Delay of the beep after the flash in samples, for each clip. */
  readonly offsetSamples: readonly number[];
  /** Largest delay, in frames of the film. */
  readonly worstFrames: number;
}

export interface MeasureSyncInput {
  readonly settings: FilmConfig;
  /** Number of text messages between the first and the last clip, which make the film long. */
  readonly wordsBetween: number;
  readonly cores: number;
  /** Private and existing folder. */
  readonly folder: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

const timeoutSeconds = 600;

/**
 * Measures sound against picture at the first and at the last cut of a film of `keepsake render`: both messages are clips
 * in which a light and a beep start at the same moment.
 *
 * @throws KeepsakeError `internal` when the film does not flash and beep twice; those of the film
 */
export async function measureSync(input: MeasureSyncInput): Promise<SyncDeviation> {
  const { settings, wordsBetween, cores, folder, log, signal } = input;
  const media = path.join(folder, "media");
  const made = path.join(folder, "film");
  await mkdir(media, { recursive: true });
  await mkdir(made, { recursive: true });
  const clip: FlashClipInput = {
    path: path.join(media, "flash.mp4"),
    frameCount: 60,
    flashFrame: 31,
    flashFrames: 6,
  };
  await runChild<FlashClipInput, null>(new URL("./flash-clip-child.js", import.meta.url), clip, {
    folder: media,
    signal,
    timeoutSeconds,
  });
  const content = contentOf(wordsBetween);
  const rendering = { content, media, settings, cache: noCache, cores, folder: made, log, signal };
  const { film } = await renderCapsule(rendering);
  const task = new URL("./measure-sync-child.js", import.meta.url);
  const { flashFrames, beepSamples } = await runChild<string, FlashesAndBeeps>(task, film.film, {
    folder: made,
    signal,
    timeoutSeconds,
  });
  if (flashFrames.length !== 2 || beepSamples.length !== 2) {
    throw new KeepsakeError(
      "internal",
      `A film that should flash and beep twice flashes ${flashFrames.length} and beeps ${beepSamples.length} times.`,
    );
  }
  const samplesAFrame = samplesPerFrame(settings);
  const offsetSamples = beepSamples.map(
    (sample, index) => sample - (flashFrames[index] ?? 0) * samplesAFrame,
  );
  return { offsetSamples, worstFrames: Math.max(...offsetSamples.map(Math.abs)) / samplesAFrame };
}

function contentOf(wordsBetween: number): CapsuleContent {
  const message = (number: number, has: Partial<Message>): Message => ({
    id: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
    contributorName: null,
    submittedAt: new Date(number * 60_000).toISOString(),
    text: null,
    imageReference: null,
    audioReference: null,
    videoReference: null,
    transcript: null,
    ...has,
  });
  const clip = { videoReference: "flash.mp4" };
  const words = Array.from({ length: wordsBetween }, (_, index) =>
    message(index + 1, { text: "We miss you." }),
  );
  return {
    capsule: {
      id: "00000000-0000-4000-8000-000000000000",
      status: "closed",
      honoree: "Sync",
      bornOn: null,
      diedOn: null,
      theme: null,
    },
    messages: [message(0, clip), ...words, message(wordsBetween + 1, clip)],
  };
}
