import { forbidRings } from "./forbid-rings.js";
import { loadSystemCalls } from "./system-calls.js";

/** Which Landlock this kernel has. */
export interface Landlock {
  /** 0 when the kernel has none, has it switched off, or cannot be asked. */
  readonly version: number;
  /** One call restricts all threads of a process; since Linux 7.0. */
  readonly coversAllThreads: boolean;
}

let answered: Landlock | undefined;

/** Asks the kernel once, and remembers the answer. */
export function askLandlock(): Landlock {
  // This sets "no new privileges", without which the second question is answered as by an older kernel.
  forbidRings();
  const linux = loadSystemCalls()?.linux ?? null;
  answered ??= {
    version: linux?.landlockVersion() ?? 0,
    coversAllThreads: linux?.landlockCoversAllThreads() ?? false,
  };
  return answered;
}
