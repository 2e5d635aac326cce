import type { ProcessLimits, TaskLimits } from "./child-limits.js";
import { filteredArchitecture } from "./filtered-architecture.js";
import { callFilter, limitsFilter } from "./seccomp-filter.js";
import { loadSystemCalls } from "./system-calls.js";

/** Reasons why limits or the filter of system calls are missing; null when they are in force. */
export interface Confinement {
  readonly limitsMissing: string | null;
  readonly filterMissing: string | null;
}

const mib = 1024 * 1024;
/**
 * The kernel also counts memory that was allocated and never used, by Node itself and for the stacks of threads. The
 * parent measures the memory that is used, which is the stricter limit.
 */
const untouchedMib = 512;
const dataFactor = 1.5;
/** Seconds between the signal that announces the limit and the kill. */
const cpuGraceSeconds = 5;

/**
 * Gives up, permanently and for all threads, everything that decoding untrusted files does not need: the network, other
 * programs and processes, and memory and open files beyond its limits. A protection that the system does not offer is left out.
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
    // A core of one byte is not written; with a limit of 0, a program that collects cores would still get one. core(5)
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

/** Limits the one task of a confined process; its usage before does not count. */
export function limitTask({ cpuSeconds, outputMib }: TaskLimits): void {
  const calls = loadSystemCalls();
  if (calls === null) return;
  const { user, system } = process.cpuUsage();
  const soft = (user + system) / 1e6 + cpuSeconds;
  const architecture = filteredArchitecture();
  // A failure needs no report: `confine` has reported the missing protections.
  reasonOfFailure(() => {
    calls.limit("CPU", soft, soft + cpuGraceSeconds);
    calls.limit("FSIZE", outputMib * mib);
    if (architecture !== null) calls.linux?.filter(architecture, limitsFilter(architecture));
  });
}

function reasonOfFailure(step: () => void): string | null {
  try {
    step();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
