import { loadSystemCalls } from "./system-calls.js";

let answered: number | undefined;

/** @returns of this kernel, which is asked once; 0 where it has no Landlock, it is not switched on, or cannot be asked */
export function askLandlockVersion(): number {
  answered ??= loadSystemCalls()?.linux?.landlockVersion() ?? 0;
  return answered;
}
