import type Koffi from "koffi";

import type { FilteredArchitecture } from "./seccomp-filter.js";

/** What Linux alone offers a process to give up. Each throws where the kernel does not let it. */
export interface LinuxCalls {
  /** Puts a filter of system calls on all threads, for good. */
  filter(architecture: FilteredArchitecture, program: Buffer): void;
  /** No other process of this user may read this one's memory or environment, and no core is written of it. */
  hideMemory(): void;
  /** Programs that this thread starts have none of root's powers but these, though they run as root. */
  dropCapabilities(but: ReadonlySet<number>): void;
  /** Programs that are started get none of the files that are open now. */
  closeOnStart(): void;
  /** @returns 0 where the kernel has no Landlock, or it is not switched on */
  landlockVersion(): number;
  /** Whether Landlock holds all threads of a process by one call, once this process may have no new privileges. */
  landlockCoversAllThreads(): boolean;
}

// include/uapi/linux: prctl.h, seccomp.h, close_range.h.
const setDumpable = 4;
const dropFromBoundingSet = 24;
const setNoNewPrivileges = 38;
const setModeFilter = 1;
/** All threads; and no slowing down of what the kernel thinks is foreign code, which it did before Linux 5.16. */
const filterFlags = 0b001 | 0b100;
const seccompNumbers = { x64: 317, arm64: 277 } as const;
const closeRangeNumber = 436;
const closeRangeOnExec = 0b100;
const createRulesetNumber = 444;
const askVersion = 1;
const restrictSelfNumber = 446;
/** LANDLOCK_RESTRICT_SELF_TSYNC of include/uapi/linux/landlock.h */
export const restrictAllThreads = 1 << 3;
const ebadf = 9;
const einval = 22;

export function openLinuxCalls(koffi: typeof Koffi): LinuxCalls {
  const library = koffi.load(null);
  const programPointer = koffi.pointer(koffi.struct({ len: "uint16", filter: "void *" }));
  const prctl = library.func("prctl", "int", ["int", "ulong", "ulong", "ulong", "ulong"]);
  const seccomp = library.func("syscall", "long", ["long", "uint", "uint", programPointer]);
  const closeRange = library.func("syscall", "long", ["long", "uint", "uint", "uint"]);
  const createRuleset = library.func("syscall", "long", ["long", "void *", "size_t", "uint"]);
  const restrictSelf = library.func("syscall", "long", ["long", "int", "uint"]);
  const check = (name: string, result: number): void => {
    if (result !== 0) throw new Error(`${name} answered ${result} with error ${koffi.errno()}`);
  };
  return {
    filter(architecture, program) {
      // Without it a filter is for root alone.
      check("prctl", prctl(setNoNewPrivileges, 1, 0, 0, 0));
      const instructions = { len: program.length / 8, filter: program };
      check("seccomp", seccomp(seccompNumbers[architecture], setModeFilter, filterFlags, instructions));
    },
    hideMemory: () => check("prctl", prctl(setDumpable, 0, 0, 0, 0)),
    dropCapabilities(but) {
      for (let power = 0; ; power += 1) {
        if (but.has(power)) continue;
        if (prctl(dropFromBoundingSet, power, 0, 0, 0) === 0) continue;
        // Behind the last one that this kernel knows.
        if (koffi.errno() === einval) return;
        check("prctl", -1);
      }
    },
    closeOnStart: () => check("close_range", closeRange(closeRangeNumber, 3, 0xffff_ffff, closeRangeOnExec)),
    landlockVersion: () => Math.max(0, createRuleset(createRulesetNumber, null, 0, askVersion) as number),
    // With no ruleset: a kernel that knows the flag misses the ruleset, another refuses the flag (EINVAL).
    landlockCoversAllThreads: () =>
      restrictSelf(restrictSelfNumber, -1, restrictAllThreads) === -1 && koffi.errno() === ebadf,
  };
}
