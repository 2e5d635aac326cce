import type { ProcessLimits, TaskLimits } from "./child-limits.js";
import { filteredArchitecture } from "./filtered-architecture.js";
import { callFilter, limitsFilter } from "./seccomp-filter.js";
import { loadSystemCalls } from "./system-calls.js";

/** What could not be given up, and why; null where it was. */
export interface Confinement {
  readonly limitsMissing: string | null;
  readonly filterMissing: string | null;
}

const mib = 1024 * 1024;
/**
 * The kernel counts memory that was asked for and never touched too: of Node itself and of the stacks of threads. The
 * parent, which looks at what is touched, is the sharper one.
 */
const untouchedMib = 512;
const dataFactor = 1.5;
/** From the signal that says so to the kill. */
const cpuGraceSeconds = 5;

/**
 * Gives up, for good and for all threads, what work on strangers' bytes does not need: the network, other programs and
 * processes, more memory and files than its share. What the system does not offer is left as it is.
 */
export function confine({ memoryMib, openFiles }: ProcessLimits): Confinement {
  const calls = loadSystemCalls();
  if (calls === null) {
    const reason = `the C library cannot be called on ${process.platform} (${process.arch})`;
    return { limitsMissing: reason, filterMissing: reason };
  }
  const limitsMissing = reasonOfFailure(() => {
    calls.limit("DATA", (memoryMib * dataFactor + untouchedMib) * mib);
    calls.limit("NOFILE", openFiles);
    // One byte is no core; none at all would still be handed to a program that collects them. core(5)
    calls.limit("CORE", 1);
  });
  const { linux } = calls;
  const architecture = filteredArchitecture();
  const filterMissing =
    linux === null || architecture === null
      ? `no filter of system calls is known for ${process.platform} (${process.arch})`
      : reasonOfFailure(() => linux.filter(architecture, callFilter(architecture, process.pid)));
  return { limitsMissing, filterMissing };
}

/** Bounds the one task of a confined process; what it has used before does not count. */
export function limitTask({ cpuSeconds, outputMib }: TaskLimits): void {
  const calls = loadSystemCalls();
  if (calls === null) return;
  const { user, system } = process.cpuUsage();
  const soft = (user + system) / 1e6 + cpuSeconds;
  const architecture = filteredArchitecture();
  // What the system does not offer was said before.
  reasonOfFailure(() => {
    calls.limit("CPU", soft, soft + cpuGraceSeconds);
    calls.limit("FSIZE", outputMib * mib);
    if (architecture !== null) calls.linux?.filter(architecture, limitsFilter(architecture));
  });
}

function reasonOfFailure(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
