/**
 * What a film costs that was made before, with one message more: a capsule of mixed messages is filmed, one message is
 * put into its middle, and it is filmed again with what the first film left in the cache.
 */
import path from "node:path";

import { createDiskCache, type DiskCache } from "../../dist/cache/disk-cache.js";
import type { CapsuleContent } from "../../dist/capsule/content.js";
import { openWorkFolder } from "../../dist/files/work-folder.js";
import type { BenchRoom } from "./bench-room.js";
import { makeMixedCapsule, makeMixedMessage } from "./mixed-capsule.js";
import { openCpuWatch } from "./process-tree.js";
import { renderCapsule } from "./render-capsule.js";

export interface BenchAgainOptions extends BenchRoom {
  readonly messageCount: number;
}

export interface BenchAgainResult {
  /** CPU of the second film to that of the first. */
  readonly cpuRatio: number;
  readonly messageCount: number;
  readonly first: FilmCost;
  readonly second: FilmCost;
}

interface FilmCost {
  /** Of the whole process tree. */
  readonly cpuSeconds: number;
  /** By what the processes do; `worker` is the one that starts them. */
  readonly cpuSecondsByTask: Readonly<Record<string, number>>;
  readonly wallSeconds: number;
  readonly frameCount: number;
  readonly sizeBytes: number;
}

const enoughBytes = 1e12;

/** @throws KeepsakeError `usage` where there is no /proc, and those of the film; the signal's reason */
export async function benchAgain(options: BenchAgainOptions): Promise<BenchAgainResult> {
  const { messageCount, cores, folder, log, signal } = options;
  const say = options.onStep ?? (() => undefined);
  const media = path.join(folder, "capsule");
  say(`making a capsule of ${messageCount} messages`);
  const content = await makeMixedCapsule({ messageCount, folder: media, cores, signal });
  const added = await makeMixedMessage(messageCount, { folder: media, signal });
  const middle = Math.floor(messageCount / 2);
  const grown = { ...content, messages: content.messages.toSpliced(middle, 0, added) };

  const cache = createDiskCache({ folder: path.join(folder, "cache"), limitBytes: enoughBytes, log });
  say("making its film");
  const first = await costOf(content, media, cache, options);
  say("making the film with one message more");
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
