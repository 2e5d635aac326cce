import { deniedCallNumbers, newestKnownCall } from "./denied-calls.js";

/** Processors whose numbers of system calls are known here. */
export type FilteredArchitecture = "x64" | "arm64";

// struct seccomp_data and its answers: include/uapi/linux/seccomp.h; audit.h has the architectures.
const offsetOf = { call: 0, architecture: 4, argument: (index: number) => 16 + 8 * index };
const answers = {
  allow: 0x7fff_0000,
  killProcess: 0x8000_0000,
  fail: (errno: number) => 0x0005_0000 | errno,
};
const auditArchitectures = { x64: 0xc000_003e, arm64: 0xc000_00b7 };
/** Set in the numbers of a second, rarely used set of calls on x86-64. */
const x32Bit = 0x4000_0000;
const eacces = 13;
const enosys = 38;
/** CLONE_THREAD, include/uapi/linux/sched.h. */
const cloneThread = 0x0001_0000;

/** With a meaning that depends on their arguments. */
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
 * Who gets a signal when something can be read, and which: F_SETOWN, F_SETSIG, F_SETOWN_EX of fcntl(2); FIOSETOWN and
 * SIOCSPGRP of ioctl(2). The kernel sends it, so that a parent could be killed without any call of `kill`.
 */
const ownerCommands = { fcntl: [8, 10, 15], ioctl: [0x8901, 0x8902] } as const;

// Classic BPF: linux/bpf_common.h.
const loadWord = 0x20;
const jumpIfEqual = 0x15;
const jumpIfAtLeast = 0x35;
const jumpIfAnySet = 0x45;
const answer = 0x06;

type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, value: number];

/**
 * A filter that refuses (EACCES) the calls of `denied-calls.ts`, new processes and signals to other processes, knows no
 * call that is newer than that list (ENOSYS), and ends a process that makes calls of another architecture than its own.
 *
 * @param pid of the process it is for
 * @returns instructions of classic BPF, 8 bytes each, little-endian: struct sock_filter
 */
export function callFilter(architecture: FilteredArchitecture, pid: number): Buffer {
  const { clone, clone3, kill, tgkill, fcntl, ioctl } = callNumbers[architecture];
  return assemble([
    [loadWord, 0, 0, offsetOf.architecture],
    [jumpIfEqual, 1, 0, auditArchitectures[architecture]],
    [answer, 0, 0, answers.killProcess],
    [loadWord, 0, 0, offsetOf.call],
    ...(architecture === "x64" ? refuseFrom(x32Bit, eacces) : []),
    // As a kernel that is older than they are: what asks for them does without.
    ...refuseFrom(newestKnownCall + 1, enosys),
    ...deniedCallNumbers(architecture).flatMap((call) => refuse(call, eacces)),
    // Its arguments lie in memory, where a filter cannot look: the C library falls back to clone.
    ...refuse(clone3, enosys),
    ...refuseCommands(fcntl, ownerCommands.fcntl),
    ...refuseCommands(ioctl, ownerCommands.ioctl),
    [jumpIfEqual, 0, 4, clone],
    [loadWord, 0, 0, offsetOf.argument(0)],
    [jumpIfAnySet, 1, 0, cloneThread],
    [answer, 0, 0, answers.fail(eacces)],
    [answer, 0, 0, answers.allow],
    [jumpIfEqual, 1, 0, kill],
    [jumpIfEqual, 0, 3, tgkill],
    [loadWord, 0, 0, offsetOf.argument(0)],
    [jumpIfEqual, 1, 0, pid],
    [answer, 0, 0, answers.fail(eacces)],
    [answer, 0, 0, answers.allow],
  ]);
}

/** A second filter, for when the limits of a process are final: root could raise them again. */
export function limitsFilter(architecture: FilteredArchitecture): Buffer {
  const { setrlimit, prlimit64 } = callNumbers[architecture];
  return assemble([
    [loadWord, 0, 0, offsetOf.call],
    ...refuse(setrlimit, eacces),
    [jumpIfEqual, 0, 5, prlimit64],
    // Reading limits passes no new one: both halves of the pointer are 0.
    [loadWord, 0, 0, offsetOf.argument(2)],
    [jumpIfEqual, 0, 2, 0],
    [loadWord, 0, 0, offsetOf.argument(2) + 4],
    [jumpIfEqual, 1, 0, 0],
    [answer, 0, 0, answers.fail(eacces)],
    [answer, 0, 0, answers.allow],
  ]);
}

/** For the parent of confined processes: the kernel says that it has no io_uring (ENOSYS). All else is allowed. */
export function ringFilter(architecture: FilteredArchitecture): Buffer {
  return assemble([
    [loadWord, 0, 0, offsetOf.architecture],
    [jumpIfEqual, 1, 0, auditArchitectures[architecture]],
    [answer, 0, 0, answers.allow],
    [loadWord, 0, 0, offsetOf.call],
    ...refuse(callNumbers[architecture].ioUringSetup, enosys),
    [answer, 0, 0, answers.allow],
  ]);
}

function refuse(call: number, errno: number): Instruction[] {
  return [
    [jumpIfEqual, 0, 1, call],
    [answer, 0, 0, answers.fail(errno)],
  ];
}

/** Refuses a call only where its second argument is one of these. */
function refuseCommands(call: number, commands: readonly number[]): Instruction[] {
  const refusals = commands.flatMap((command) => refuse(command, eacces));
  return [
    [jumpIfEqual, 0, refusals.length + 2, call],
    [loadWord, 0, 0, offsetOf.argument(1)],
    ...refusals,
    [answer, 0, 0, answers.allow],
  ];
}

function refuseFrom(call: number, errno: number): Instruction[] {
  return [
    [jumpIfAtLeast, 0, 1, call],
    [answer, 0, 0, answers.fail(errno)],
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
