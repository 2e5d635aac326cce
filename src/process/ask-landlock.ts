import { forbidRings } from "./forbid-rings.js";
import { loadSystemCalls } from "./system-calls.js";

/** What this kernel has of Landlock. */
export interface Landlock {
  /** 0 where it has none, it is not switched on, or it cannot be asked. */
  readonly version: number;
  /** A process can give up files for all its threads by one call, as since Linux 7.0. */
  readonly coversAllThreads: boolean;
}

let answered: Landlock | undefined;

/** The kernel is asked once. */
export function askLandlock(): Landlock {
  // It asks for no new privileges, without which the second question is answered as by an older kernel.
  forbidRings();
  const linux = loadSystemCalls()?.linux ?? null;
  answered ??= {
    version: linux?.landlockVersion() ?? 0,
    coversAllThreads: linux?.landlockCoversAllThreads() ?? false,
  };
  return answered;
}
