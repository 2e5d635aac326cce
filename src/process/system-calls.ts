import { createRequire } from "node:module";

import type Koffi from "koffi";

import { openLinuxCalls, type LinuxCalls } from "./linux-calls.js";

/** Limits of the system by their names in getrlimit(2), without `RLIMIT_`. */
export type LimitName = "CPU" | "FSIZE" | "DATA" | "CORE" | "NOFILE";

/** Calls of the C library that Node does not offer. Each concerns this process only. */
export interface SystemCalls {
  /** Lowers a limit permanently; a lower one stays. At the soft limit a process gets a signal, at the hard one it ends. */
  limit(name: LimitName, soft: number, hard?: number): void;
  /** Null on other systems. */
  readonly linux: LinuxCalls | null;
}

const limitNumbers: Partial<Record<NodeJS.Platform, Record<LimitName, number>>> = {
  linux: { CPU: 0, FSIZE: 1, DATA: 2, CORE: 4, NOFILE: 7 },
  darwin: { CPU: 0, FSIZE: 1, DATA: 2, CORE: 4, NOFILE: 8 },
};

interface Limit {
  readonly rlim_cur: bigint | number;
  readonly rlim_max: bigint | number;
}

/** @returns null when the C library cannot be called, because koffi has no binary for this system */
export function loadSystemCalls(): SystemCalls | null {
  const numbers = limitNumbers[process.platform];
  if (numbers === undefined) return null;
  const koffi = loadKoffi();
  if (koffi === null) return null;
  const library = koffi.load(null);
  const limitPointer = koffi.pointer(koffi.struct({ rlim_cur: "uint64", rlim_max: "uint64" }));
  const getLimit = library.func("getrlimit", "int", ["int", koffi.out(limitPointer)]);
  const setLimit = library.func("setrlimit", "int", ["int", limitPointer]);
  const check = (name: string, result: number): void => {
    if (result !== 0) throw new Error(`${name} returned ${result} with error ${koffi.errno()}`);
  };
  return {
    limit(name, soft, hard = soft) {
      const current: Limit = { rlim_cur: 0, rlim_max: 0 };
      check("getrlimit", getLimit(numbers[name], current));
      // "No limit" is the largest number.
      const highest = BigInt(current.rlim_max);
      const [lowerSoft, lowerHard] = [soft, hard].map((value) => {
        const wanted = BigInt(Math.ceil(value));
        return wanted < highest ? wanted : highest;
      });
      check("setrlimit", setLimit(numbers[name], { rlim_cur: lowerSoft, rlim_max: lowerHard }));
    },
    linux: process.platform === "linux" ? openLinuxCalls(koffi) : null,
  };
}

/** Loads koffi by `require`, like `child-entry.cts`: loading it in two ways would take twice as long. */
function loadKoffi(): typeof Koffi | null {
  try {
    return createRequire(import.meta.url)("koffi") as typeof Koffi;
  } catch {
    // Its native binary may be missing on this system, or fail to load.
    return null;
  }
}
