import type { FilteredArchitecture } from "./seccomp-filter.js";

/** The architecture of this process; null when we have no numbers of its system calls. */
export function filteredArchitecture(): FilteredArchitecture | null {
  return process.arch === "x64" || process.arch === "arm64" ? process.arch : null;
}
