import { forbidRings } from "./forbid-rings.js";
import { loadSystemCalls } from "./system-calls.js";

/** The support for Landlock in this kernel. */
export interface Landlock {
  /** 0 when the kernel has no Landlock, has it switched off, or cannot be called. */
  readonly version: number;
  /** Whether one call restricts all threads of a process, as since Linux 7.0. */
  readonly coversAllThreads: boolean;
}

let detected: Landlock | undefined;

/** Queries the kernel in the first call, and returns the same result in later ones. */
export function detectLandlock(): Landlock {
  // This sets "no new privileges". Without it, `landlockCoversAllThreads` gets the same error as on an older kernel.
  forbidRings();
  const linux = loadSystemCalls()?.linux ?? null;
  detected ??= {
    version: linux?.landlockVersion() ?? 0,
    coversAllThreads: linux?.landlockCoversAllThreads() ?? false,
  };
  return detected;
}
