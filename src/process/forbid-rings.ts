/**
 * Since libuv 1.51 (Node 22.20, later 24s, 26) a process opens an io_uring ring when its event loop starts, before any of
 * our code runs. A ring reaches files and sockets past every filter of system calls, so a confined child must not use it,
 * but libuv aborts a process that is denied its ring. When the kernel answers that it has no rings, libuv works without.
 * Only a filter that the parent installed, and the child inherits, can make it answer so in time. No environment variable
 * of libuv turns rings off.
 */
import { filteredArchitecture } from "./filtered-architecture.js";
import { ringFilter } from "./seccomp-filter.js";
import { loadSystemCalls } from "./system-calls.js";

let installed: { readonly failure: string | null } | undefined;

/**
 * Makes the kernel answer this process, and all that it starts, that it has no io_uring; rings that are already open keep
 * working. The filter is permanent, so only the first call installs it.
 *
 * @returns why it could not be installed, or null
 */
export function forbidRings(): string | null {
  installed ??= { failure: installFilter() };
  return installed.failure;
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
