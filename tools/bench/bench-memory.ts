import { mkdir, rm } from "node:fs/promises";
import path from "node:path";

import { noCache } from "../../dist/cache/disk-cache.js";
import type { Message } from "../../dist/capsule/content.js";
import type { BenchEnvironment } from "./bench-environment.js";
import { makeMixedCapsule } from "./mixed-capsule.js";
import { openPeakWatch, treeCpuSeconds } from "./process-tree.js";
import { renderCapsule } from "./render-capsule.js";

export interface BenchMemoryOptions extends BenchEnvironment {
  /** Number of messages of each film. */
  readonly messageCounts: readonly number[];
}

export interface FilmMemory {
  readonly messageCount: number;
  readonly frameCount: number;
  readonly wallSeconds: number;
  /** Peak memory of the largest child process. */
  readonly peakMib: number;
  /** Peak memory of all processes together, including `worker`. */
  readonly treePeakMib: number;
  readonly peakMibByTask: Readonly<Record<string, number>>;
}

/** Number of different messages, which long capsules repeat. */
const distinctCount = 5;

/**
 * Measures the memory of short and long films of brief messages of all kinds, with photos of 12 megapixels.
 *
 * @throws KeepsakeError `usage` where there is no /proc, and those of the film; the signal's reason
 */
export async function benchMemory(options: BenchMemoryOptions): Promise<readonly FilmMemory[]> {
  const { messageCounts, settings, cores, folder, log, signal } = options;
  const reportStep = options.onStep ?? (() => undefined);
  treeCpuSeconds();
  const media = path.join(folder, "capsule");
  reportStep("making messages");
  const { capsule, messages } = await makeMixedCapsule({
    messageCount: distinctCount,
    isBrief: true,
    folder: media,
    cores,
    signal,
  });
  const films: FilmMemory[] = [];
  for (const messageCount of messageCounts) {
    reportStep(`making a film of ${messageCount} messages`);
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
