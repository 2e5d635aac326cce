import { deniedCallNumbers, newestKnownCall } from "./denied-calls.js";

/** Architectures for which this file has the numbers of system calls. */
export type FilteredArchitecture = "x64" | "arm64";

// struct seccomp_data and the actions: include/uapi/linux/seccomp.h; the architectures: audit.h.
const offsetOf = { call: 0, architecture: 4, argument: (index: number) => 16 + 8 * index };
const actions = {
  allow: 0x7fff_0000,
  killProcess: 0x8000_0000,
  fail: (errno: number) => 0x0005_0000 | errno,
};
const auditArchitectures = { x64: 0xc000_003e, arm64: 0xc000_00b7 };
/** Bit that is set in the numbers of the x32 calls, a second and rarely used set on x86-64. */
const x32Bit = 0x4000_0000;
const eacces = 13;
const enosys = 38;
/** CLONE_THREAD, include/uapi/linux/sched.h. */
const cloneThread = 0x0001_0000;

/** Calls that are allowed or denied depending on their arguments. */
const callNumbers = {
  x64: {
    clone: 56,
    clone3: 435,
    kill: 62,
    tgkill: 234,
    fcntl: 72,
    ioctl: 16,
    setrlimit: 160,
    prlimit64: 302,
    ioUringSetup: 425,
  },
  arm64: {
    clone: 220,
    clone3: 435,
    kill: 129,
    tgkill: 131,
    fcntl: 25,
    ioctl: 29,
    setrlimit: 164,
    prlimit64: 261,
    ioUringSetup: 425,
  },
} as const;

/**
 * Commands that choose which process gets which signal when data arrives: F_SETOWN, F_SETSIG, F_SETOWN_EX of fcntl(2);
 * FIOSETOWN and SIOCSPGRP of ioctl(2). The kernel sends the signal, so a child could kill its parent without `kill`.
 */
const ownerCommands = { fcntl: [8, 10, 15], ioctl: [0x8901, 0x8902] } as const;

// Classic BPF: linux/bpf_common.h.
const loadWord = 0x20;
const jumpIfEqual = 0x15;
const jumpIfAtLeast = 0x35;
const jumpIfAnySet = 0x45;
const returnAction = 0x06;

type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, value: number];

/**
 * Creates a filter that denies (EACCES) the calls of `denied-calls.ts`, new processes, and signals to other processes. Calls that
 * are newer than that list fail as if they did not exist (ENOSYS). A process that makes calls of another architecture is killed.
 *
 * @param pid id of the process that installs the filter
 * @returns instructions of classic BPF, 8 bytes each, little-endian: struct sock_filter
 */
export function callFilter(architecture: FilteredArchitecture, pid: number): Buffer {
  const { clone, clone3, kill, tgkill, fcntl, ioctl } = callNumbers[architecture];
  return assemble([
    [loadWord, 0, 0, offsetOf.architecture],
    [jumpIfEqual, 1, 0, auditArchitectures[architecture]],
    [returnAction, 0, 0, actions.killProcess],
    [loadWord, 0, 0, offsetOf.call],
    ...(architecture === "x64" ? denyFrom(x32Bit, eacces) : []),
    // An older kernel would return the same error, so programs already handle it.
    ...denyFrom(newestKnownCall + 1, enosys),
    ...deniedCallNumbers(architecture).flatMap((call) => deny(call, eacces)),
    // The arguments of clone3 are in memory, which a filter cannot read. The C library falls back to clone.
    ...deny(clone3, enosys),
    ...denyCommands(fcntl, ownerCommands.fcntl),
    ...denyCommands(ioctl, ownerCommands.ioctl),
    [jumpIfEqual, 0, 4, clone],
    [loadWord, 0, 0, offsetOf.argument(0)],
    [jumpIfAnySet, 1, 0, cloneThread],
    [returnAction, 0, 0, actions.fail(eacces)],
    [returnAction, 0, 0, actions.allow],
    [jumpIfEqual, 1, 0, kill],
    [jumpIfEqual, 0, 3, tgkill],
    [loadWord, 0, 0, offsetOf.argument(0)],
    [jumpIfEqual, 1, 0, pid],
    [returnAction, 0, 0, actions.fail(eacces)],
    [returnAction, 0, 0, actions.allow],
  ]);
}

/** Creates a second filter, which makes the limits of a process final: root could raise them again. */
export function limitsFilter(architecture: FilteredArchitecture): Buffer {
  const { setrlimit, prlimit64 } = callNumbers[architecture];
  return assemble([
    [loadWord, 0, 0, offsetOf.call],
    ...deny(setrlimit, eacces),
    [jumpIfEqual, 0, 5, prlimit64],
    // A call that only reads limits passes no new ones: both halves of the pointer are 0.
    [loadWord, 0, 0, offsetOf.argument(2)],
    [jumpIfEqual, 0, 2, 0],
    [loadWord, 0, 0, offsetOf.argument(2) + 4],
    [jumpIfEqual, 1, 0, 0],
    [returnAction, 0, 0, actions.fail(eacces)],
    [returnAction, 0, 0, actions.allow],
  ]);
}

/** Creates a filter for the parent of confined processes: io_uring is unavailable (ENOSYS); all else is allowed. */
export function ringFilter(architecture: FilteredArchitecture): Buffer {
  return assemble([
    [loadWord, 0, 0, offsetOf.architecture],
    [jumpIfEqual, 1, 0, auditArchitectures[architecture]],
    [returnAction, 0, 0, actions.allow],
    [loadWord, 0, 0, offsetOf.call],
    ...deny(callNumbers[architecture].ioUringSetup, enosys),
    [returnAction, 0, 0, actions.allow],
  ]);
}

function deny(call: number, errno: number): Instruction[] {
  return [
    [jumpIfEqual, 0, 1, call],
    [returnAction, 0, 0, actions.fail(errno)],
  ];
}

/** Denies a call only when its second argument is one of these commands. */
function denyCommands(call: number, commands: readonly number[]): Instruction[] {
  const denials = commands.flatMap((command) => deny(command, eacces));
  return [
    [jumpIfEqual, 0, denials.length + 2, call],
    [loadWord, 0, 0, offsetOf.argument(1)],
    ...denials,
    [returnAction, 0, 0, actions.allow],
  ];
}

function denyFrom(call: number, errno: number): Instruction[] {
  return [
    [jumpIfAtLeast, 0, 1, call],
    [returnAction, 0, 0, actions.fail(errno)],
  ];
}

function assemble(instructions: readonly Instruction[]): Buffer {
  const program = Buffer.alloc(instructions.length * 8);
  instructions.forEach(([code, jumpTrue, jumpFalse, value], index) => {
    program.writeUInt16LE(code, index * 8);
    program.writeUInt8(jumpTrue, index * 8 + 2);
    program.writeUInt8(jumpFalse, index * 8 + 3);
    program.writeUInt32LE(value >>> 0, index * 8 + 4);
  });
  return program;
}
