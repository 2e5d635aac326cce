/**
 * Since libuv 1.51 (Node 22.20, 24.6, 26) a process opens an io_uring ring when its event loop starts, before any code
 * of ours runs. A ring reaches files and sockets past every filter of system calls, so a confined child may not use it,
 * and libuv aborts a process whose ring is refused. Where the kernel says that it has no rings, libuv does without; only
 * the parent can make it say so in time, because a filter is inherited. Nothing in libuv's environment turns rings off.
 */
import { filteredArchitecture } from "./filtered-architecture.js";
import { ringFilter } from "./seccomp-filter.js";
import { loadSystemCalls } from "./system-calls.js";

let outcome: { readonly failure: string | null } | undefined;

/**
 * From now on the kernel answers this process, and all that it starts, that it has no io_uring; rings that are open
 * already go on. It is done once, however often it is called: a filter stays for good.
 *
 * @returns why it could not be done, or null
 */
export function forbidRings(): string | null {
  outcome ??= { failure: installFilter() };
  return outcome.failure;
}

function installFilter(): string | null {
  const architecture = filteredArchitecture();
  const linux = loadSystemCalls()?.linux ?? null;
  if (linux === null || architecture === null) return null;
  try {
    linux.filter(architecture, ringFilter(architecture));
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
