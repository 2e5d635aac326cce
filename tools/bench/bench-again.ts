/**
 * Measures the cost of one more message: the film of a capsule is made, a message is inserted in the middle of the
 * capsule, and its film is made again with the cache of the first one.
 */
import path from "node:path";

import { createDiskCache, type DiskCache } from "../../dist/cache/disk-cache.js";
import type { CapsuleContent } from "../../dist/capsule/content.js";
import { openWorkFolder } from "../../dist/files/work-folder.js";
import type { BenchEnvironment } from "./bench-environment.js";
import { makeMixedCapsule, makeMixedMessage } from "./mixed-capsule.js";
import { openCpuWatch } from "./process-tree.js";
import { renderCapsule } from "./render-capsule.js";

export interface BenchAgainOptions extends BenchEnvironment {
  readonly messageCount: number;
}

export interface BenchAgainResult {
  /** CPU time of the second film divided by that of the first. */
  readonly cpuRatio: number;
  readonly messageCount: number;
  readonly first: FilmCost;
  readonly second: FilmCost;
}

interface FilmCost {
  /** CPU time of the whole process tree. */
  readonly cpuSeconds: number;
  /** CPU time by task; `worker` is the process that starts the others. */
  readonly cpuSecondsByTask: Readonly<Record<string, number>>;
  readonly wallSeconds: number;
  readonly frameCount: number;
  readonly sizeBytes: number;
}

const cacheBytes = 1e12;

/** @throws KeepsakeError `usage` where there is no /proc, and those of the film; the signal's reason */
export async function benchAgain(options: BenchAgainOptions): Promise<BenchAgainResult> {
  const { messageCount, cores, folder, log, signal } = options;
  const reportStep = options.onStep ?? (() => undefined);
  const media = path.join(folder, "capsule");
  reportStep(`making a capsule of ${messageCount} messages`);
  const content = await makeMixedCapsule({ messageCount, folder: media, cores, signal });
  const added = await makeMixedMessage(messageCount, { folder: media, signal });
  const middle = Math.floor(messageCount / 2);
  const grown = { ...content, messages: content.messages.toSpliced(middle, 0, added) };

  const cache = createDiskCache({ folder: path.join(folder, "cache"), limitBytes: cacheBytes, log });
  reportStep("making its film");
  const first = await costOf(content, media, cache, options);
  reportStep("making the film with one message more");
  const second = await costOf(grown, media, cache, options);
  return { cpuRatio: second.cpuSeconds / first.cpuSeconds, messageCount, first, second };
}

async function costOf(
  content: CapsuleContent,
  media: string,
  cache: DiskCache,
  { folder: root, ...options }: BenchAgainOptions,
): Promise<FilmCost> {
  await using folder = await openWorkFolder(root);
  using watch = openCpuWatch();
  const start = performance.now();
  const { film } = await renderCapsule({ ...options, content, media, cache, folder: folder.path });
  const wallSeconds = (performance.now() - start) / 1000;
  const { frameCount, sizeBytes } = film;
  return { ...watch.read(), wallSeconds, frameCount, sizeBytes };
}
