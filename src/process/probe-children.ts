import { mkdir, rm } from "node:fs/promises";
import path from "node:path";

import type { ProbeAnswer } from "./probe-child.js";
import { runChild } from "./run-child.js";

/** How children are held on this machine. */
export interface ChildHold {
  readonly isWithoutNetwork: boolean;
  /** Of that and of all else, for the operator. */
  readonly sentence: string;
}

/**
 * Starts a child and lets it try what it must not be able to do.
 *
 * @param folder private and existing
 * @throws KeepsakeError those of `runChild`
 */
export async function probeChildren(folder: string, signal: AbortSignal): Promise<ChildHold> {
  const own = path.join(folder, "probe");
  const outside = path.join(folder, "outside");
  await mkdir(own);
  const { limitsMissing, filterMissing, reached, wroteOutside } = await runChild<
    { readonly outside: string },
    ProbeAnswer
  >(new URL("./probe-child.js", import.meta.url), { outside }, { folder: own, signal, timeoutSeconds: 60 });
  await rm(outside, { force: true });
  const isWithoutNetwork = reached === null;
  const network = isWithoutNetwork
    ? "Processes that decode files have no network and can start no programs"
    : `Processes that decode files could reach the network (${filterMissing ?? reached}): ` +
      "run the worker on Linux on x86-64 or arm64, or where nothing but the database and the storage can be reached";
  const writing = wroteOutside
    ? "they could write wherever this user may (Linux has Landlock for that since 5.13)"
    : "they write nowhere but in their film's folder";
  const limits =
    limitsMissing === null
      ? "their memory, CPU time, files and output are limited."
      : `only their time is limited (${limitsMissing}).`;
  return { isWithoutNetwork, sentence: `${network}; ${writing}; ${limits}` };
}
