import { mkdir, rm } from "node:fs/promises";
import path from "node:path";

import { noCache } from "../../dist/cache/disk-cache.js";
import type { Message } from "../../dist/capsule/content.js";
import type { BenchRoom } from "./bench-room.js";
import { makeMixedCapsule } from "./mixed-capsule.js";
import { openPeakWatch, treeCpuSeconds } from "./process-tree.js";
import { renderCapsule } from "./render-capsule.js";

export interface BenchMemoryOptions extends BenchRoom {
  /** Of each film. */
  readonly messageCounts: readonly number[];
}

export interface FilmMemory {
  readonly messageCount: number;
  readonly frameCount: number;
  readonly wallSeconds: number;
  /** Of the largest process below the worker. */
  readonly peakMib: number;
  /** Of all processes together, `worker` among them. */
  readonly treePeakMib: number;
  readonly peakMibByTask: Readonly<Record<string, number>>;
}

/** Different messages; long capsules have them again and again. */
const distinctCount = 5;

/**
 * What memory films take, short and long: brief messages of all kinds, with photos of 12 megapixels.
 *
 * @throws KeepsakeError `usage` where there is no /proc, and those of the film; the signal's reason
 */
export async function benchMemory(options: BenchMemoryOptions): Promise<readonly FilmMemory[]> {
  const { messageCounts, settings, cores, folder, log, signal } = options;
  const say = options.onStep ?? (() => undefined);
  treeCpuSeconds();
  const media = path.join(folder, "capsule");
  say("making messages");
  const { capsule, messages } = await makeMixedCapsule({
    messageCount: distinctCount,
    isBrief: true,
    folder: media,
    cores,
    signal,
  });
  const films: FilmMemory[] = [];
  for (const messageCount of messageCounts) {
    say(`making a film of ${messageCount} messages`);
    const made = path.join(folder, `film-${messageCount}`);
    await mkdir(made);
    using watch = openPeakWatch();
    const start = performance.now();
    const { film } = await renderCapsule({
      content: { capsule, messages: repeat(messages, messageCount) },
      media,
      settings,
      cores,
      folder: made,
      log,
      signal,
      cache: noCache,
    });
    const wallSeconds = (performance.now() - start) / 1000;
    const { peakMib, treePeakMib, peakMibByTask } = watch;
    const { frameCount } = film;
    films.push({ messageCount, frameCount, wallSeconds, peakMib, treePeakMib, peakMibByTask });
    await rm(made, { recursive: true });
  }
  return films;
}

function repeat(messages: readonly Message[], messageCount: number): Message[] {
  return Array.from({ length: Math.ceil(messageCount / messages.length) }, () => messages)
    .flat()
    .slice(0, messageCount)
    .map((message, index) => ({
      ...message,
      id: `00000000-0000-4000-8000-${String(index + 1).padStart(12, "0")}`,
      contributorName: `Contributor ${index + 1}`,
    }));
}
