import type { FilteredArchitecture } from "./seccomp-filter.js";

/** @returns null where the numbers of system calls are not known */
export function filteredArchitecture(): FilteredArchitecture | null {
  return process.arch === "x64" || process.arch === "arm64" ? process.arch : null;
}
