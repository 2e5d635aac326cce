/**
 * Since libuv 1.51 (Node 22.20, later 24s, 26) a process opens an io_uring ring when its event loop starts, before any of
 * our code runs. A ring reaches files and sockets past every filter of system calls, so a confined child must not use it,
 * but libuv aborts a process if its ring is denied. If the kernel reports that it does not support rings (ENOSYS), libuv
 * works without them. Only a filter that the parent installs and the child inherits takes effect early enough for this. No
 * environment variable of libuv turns rings off.
 */
import { filteredArchitecture } from "./filtered-architecture.js";
import { ringFilter } from "./seccomp-filter.js";
import { loadSystemCalls } from "./system-calls.js";

let installed: { readonly failure: string | null } | undefined;

/**
 * Makes io_uring unavailable (ENOSYS) to this process and all processes that it starts; rings that are already open continue
 * to work. The filter is permanent, so only the first call installs it.
 *
 * @returns the reason why the filter could not be installed, or null
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
