import { runChild } from "./run-child.js";
import type { ProbeAnswer } from "./probe-child.js";

/** How children are held on this machine. */
export interface ChildHold {
  readonly isWithoutNetwork: boolean;
  /** Of that and of limits, for the operator. */
  readonly sentence: string;
}

/**
 * Starts a child and lets it try what it must not be able to do.
 *
 * @param folder private and existing
 * @throws KeepsakeError those of `runChild`
 */
export async function probeChildren(folder: string, signal: AbortSignal): Promise<ChildHold> {
  const { limitsMissing, filterMissing, reached } = await runChild<null, ProbeAnswer>(
    new URL("./probe-child.js", import.meta.url),
    null,
    { folder, signal, timeoutSeconds: 60, isConfined: false },
  );
  const isWithoutNetwork = reached === null;
  const network = isWithoutNetwork
    ? "Processes that decode files have no network and can start no programs"
    : `Processes that decode files could reach the network (${filterMissing ?? reached}): ` +
      "run the worker on Linux on x86-64 or arm64, or where nothing but the database and the storage can be reached";
  const limits =
    limitsMissing === null
      ? "their memory, CPU time, files and output are limited."
      : `only their time is limited (${limitsMissing}).`;
  return { isWithoutNetwork, sentence: `${network}; ${limits}` };
}
