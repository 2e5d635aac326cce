import type { FilteredArchitecture } from "./seccomp-filter.js";

/** The architecture of this process; null when its numbers of system calls are not known here. */
export function filteredArchitecture(): FilteredArchitecture | null {
  return process.arch === "x64" || process.arch === "arm64" ? process.arch : null;
}
