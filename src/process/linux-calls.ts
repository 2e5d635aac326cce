import type Koffi from "koffi";

import type { FilteredArchitecture } from "./seccomp-filter.js";

/** Calls by which a process restricts itself; they exist on Linux only. Each throws when the kernel denies it. */
export interface LinuxCalls {
  /** Installs a filter of system calls for all threads, permanently. */
  filter(architecture: FilteredArchitecture, program: Buffer): void;
  /** Prevents other processes of this user from reading this one's memory and environment; no core is written. */
  hideMemory(): void;
  /** Programs that this thread starts as root have none of root's capabilities except these. */
  dropCapabilities(except: ReadonlySet<number>): void;
  /** Programs that are started later inherit none of the files that are open now. */
  closeOnStart(): void;
  /** The version of Landlock; 0 when the kernel has none or has it switched off. */
  landlockVersion(): number;
  /** Whether one call restricts all threads of a process. The result is correct only once "no new privileges" is set. */
  landlockCoversAllThreads(): boolean;
}

// include/uapi/linux: prctl.h, seccomp.h, close_range.h.
const setDumpable = 4;
const dropFromBoundingSet = 24;
const setNoNewPrivileges = 38;
const setModeFilter = 1;
/** All threads, and no slower mitigations against speculation, which a filter implied before Linux 5.16. */
const filterFlags = 0b001 | 0b100;
const seccompNumbers = { x64: 317, arm64: 277 } as const;
const closeRangeNumber = 436;
const closeRangeOnExec = 0b100;
const createRulesetNumber = 444;
const versionFlag = 1;
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
    if (result !== 0) throw new Error(`${name} returned ${result} with error ${koffi.errno()}`);
  };
  return {
    filter(architecture, program) {
      // Without this flag, only root may install a filter.
      check("prctl", prctl(setNoNewPrivileges, 1, 0, 0, 0));
      const instructions = { len: program.length / 8, filter: program };
      check("seccomp", seccomp(seccompNumbers[architecture], setModeFilter, filterFlags, instructions));
    },
    hideMemory: () => check("prctl", prctl(setDumpable, 0, 0, 0, 0)),
    dropCapabilities(except) {
      for (let capability = 0; ; capability += 1) {
        if (except.has(capability)) continue;
        if (prctl(dropFromBoundingSet, capability, 0, 0, 0) === 0) continue;
        // This number is after the last capability of the kernel.
        if (koffi.errno() === einval) return;
        check("prctl", -1);
      }
    },
    closeOnStart: () => check("close_range", closeRange(closeRangeNumber, 3, 0xffff_ffff, closeRangeOnExec)),
    landlockVersion: () => Math.max(0, createRuleset(createRulesetNumber, null, 0, versionFlag) as number),
    // No ruleset is passed: a kernel that supports the flag returns EBADF, an older one EINVAL for the flag.
    landlockCoversAllThreads: () =>
      restrictSelf(restrictSelfNumber, -1, restrictAllThreads) === -1 && koffi.errno() === ebadf,
  };
}
