import { describe, expect, it } from "vitest";

import { callFilter, limitsFilter, ringFilter } from "../../../dist/process/seccomp-filter.js";
import { runFilter, type SystemCallData } from "./run-filter.js";

const allow = 0x7fff_0000;
const killProcess = 0x8000_0000;
const refused = 0x0005_000d;
const unknownCall = 0x0005_0026;
const pid = 4711;

/** Numbers of Linux: arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h. */
const architectures = [
  {
    name: "x64",
    audit: 0xc000_003e,
    denied: {
      socket: 41,
      connect: 42,
      execve: 59,
      fork: 57,
      ptrace: 101,
      bpf: 321,
      io_uring_setup: 425,
      mount: 165,
      sendmsg: 46,
      recvmsg: 47,
      chmod: 90,
      fchmod: 91,
      fchmodat: 268,
      fchmodat2: 452,
      chown: 92,
      fchown: 93,
      lchown: 94,
      fchownat: 260,
      utime: 132,
      utimes: 235,
      futimesat: 261,
      utimensat: 280,
      setxattr: 188,
      lsetxattr: 189,
      fsetxattr: 190,
      setxattrat: 463,
      removexattr: 197,
      truncate: 76,
      setpriority: 141,
      ioprio_set: 251,
      sched_setparam: 142,
      sched_setscheduler: 144,
      sched_setaffinity: 203,
      sched_setattr: 314,
      migrate_pages: 256,
      move_pages: 279,
      shmget: 29,
      semget: 64,
      msgget: 68,
      mq_open: 240,
      modify_ldt: 154,
      fanotify_init: 300,
      quotactl_fd: 443,
      process_mrelease: 448,
      statmount: 457,
      listmount: 458,
      lsm_get_self_attr: 459,
      lsm_set_self_attr: 460,
      lsm_list_modules: 461,
      open_tree_attr: 467,
      file_setattr: 469,
    },
    allowed: {
      read: 0,
      write: 1,
      openat: 257,
      mmap: 9,
      ftruncate: 77,
      statx: 332,
      rseq: 334,
      getpriority: 140,
      sched_getaffinity: 204,
      futex_waitv: 449,
      file_getattr: 468,
      futex: 202,
      exit_group: 231,
    },
    numbers: {
      clone: 56,
      clone3: 435,
      kill: 62,
      tgkill: 234,
      fcntl: 72,
      ioctl: 16,
      setrlimit: 160,
      prlimit64: 302,
    },
  },
  {
    name: "arm64",
    audit: 0xc000_00b7,
    denied: {
      socket: 198,
      connect: 203,
      execve: 221,
      ptrace: 117,
      bpf: 280,
      io_uring_setup: 425,
      mount: 40,
      sendmsg: 211,
      recvmsg: 212,
      fchmod: 52,
      fchmodat: 53,
      fchmodat2: 452,
      fchown: 55,
      fchownat: 54,
      utimensat: 88,
      setxattr: 5,
      lsetxattr: 6,
      fsetxattr: 7,
      setxattrat: 463,
      removexattr: 14,
      truncate: 45,
      setpriority: 140,
      ioprio_set: 30,
      sched_setparam: 118,
      sched_setscheduler: 119,
      sched_setaffinity: 122,
      sched_setattr: 274,
      migrate_pages: 238,
      move_pages: 239,
      shmget: 194,
      semget: 190,
      msgget: 186,
      mq_open: 180,
      fanotify_init: 262,
      quotactl_fd: 443,
      process_mrelease: 448,
      statmount: 457,
      listmount: 458,
      lsm_get_self_attr: 459,
      open_tree_attr: 467,
      file_setattr: 469,
    },
    allowed: {
      read: 63,
      write: 64,
      openat: 56,
      mmap: 222,
      ftruncate: 46,
      statx: 291,
      rseq: 293,
      getpriority: 141,
      sched_getaffinity: 123,
      futex_waitv: 449,
      file_getattr: 468,
      futex: 98,
      exit_group: 94,
    },
    numbers: {
      clone: 220,
      clone3: 435,
      kill: 129,
      tgkill: 131,
      fcntl: 25,
      ioctl: 29,
      setrlimit: 164,
      prlimit64: 261,
    },
  },
] as const;

describe.each(architectures)("on $name", ({ name, audit, denied, allowed, numbers }) => {
  const calls = callFilter(name, pid);
  const limits = limitsFilter(name);
  const ask = (call: number, ...args: readonly (number | bigint)[]): SystemCallData => ({
    call,
    architecture: audit,
    args: args.map(BigInt),
  });

  it.each(Object.entries(denied))("denies %s", (_name, call) => {
    expect(runFilter(calls, ask(call))).toBe(refused);
  });

  it.each(Object.entries(allowed))("allows %s", (_name, call) => {
    expect(runFilter(calls, ask(call))).toBe(allow);
    expect(runFilter(limits, ask(call))).toBe(allow);
  });

  it("allows new threads and denies new processes", () => {
    const thread = 0x3d0f00;
    const process = 17;
    expect(runFilter(calls, ask(numbers.clone, thread))).toBe(allow);
    expect(runFilter(calls, ask(numbers.clone, process))).toBe(refused);
    expect(runFilter(calls, ask(numbers.clone3))).toBe(unknownCall);
  });

  it.each([numbers.kill, numbers.tgkill])("allows signals only to the process itself (%i)", (call) => {
    expect(runFilter(calls, ask(call, pid))).toBe(allow);
    for (const other of [pid + 1, 1, 0, 0xffff_ffff, 0xffff_ffff - pid + 1])
      expect(runFilter(calls, ask(call, other))).toBe(refused);
  });

  it("denies naming another process for the kernel's signals", () => {
    const [getFlags, setFlags, setOwner, setSignal, setOwnerEx] = [3, 4, 8, 10, 15];
    for (const command of [setOwner, setSignal, setOwnerEx, 0xf_0000_0008])
      expect(runFilter(calls, ask(numbers.fcntl, 3, command, pid + 1))).toBe(refused);
    for (const command of [getFlags, setFlags])
      expect(runFilter(calls, ask(numbers.fcntl, 3, command))).toBe(allow);
    const [bytesToRead, notBlocking, owner, group] = [0x541b, 0x5421, 0x8901, 0x8902];
    for (const command of [owner, group])
      expect(runFilter(calls, ask(numbers.ioctl, 3, command, pid + 1))).toBe(refused);
    for (const command of [bytesToRead, notBlocking])
      expect(runFilter(calls, ask(numbers.ioctl, 3, command))).toBe(allow);
  });

  it.each([470, 471, 500, 4095, 0x3fff_ffff])(
    "answers ENOSYS for call %i, which is newer than the list",
    (call) => {
      expect(runFilter(calls, ask(call))).toBe(unknownCall);
    },
  );

  it("kills a process that calls as another architecture", () => {
    const other = audit === 0xc000_003e ? 0x4000_0003 : 0x4000_0028;
    expect(runFilter(calls, { call: 1, architecture: other })).toBe(killProcess);
  });

  it("answers a parent that there is no io_uring, and allows everything else", () => {
    const rings = ringFilter(name);
    expect(runFilter(rings, ask(denied.io_uring_setup))).toBe(unknownCall);
    const others = [...Object.values(denied), ...Object.values(allowed), ...Object.values(numbers)];
    for (const call of others.filter((one) => one !== denied.io_uring_setup))
      expect(runFilter(rings, ask(call))).toBe(allow);
    const i386 = 0x4000_0003;
    expect(runFilter(rings, { call: denied.io_uring_setup, architecture: i386 })).toBe(allow);
  });

  it("allows reading limits and denies setting them", () => {
    expect(runFilter(limits, ask(numbers.setrlimit))).toBe(refused);
    expect(runFilter(limits, ask(numbers.prlimit64, 0, 7, 0))).toBe(allow);
    expect(runFilter(limits, ask(numbers.prlimit64, 0, 7, 1))).toBe(refused);
    expect(runFilter(limits, ask(numbers.prlimit64, 0, 7, 1n << 32n))).toBe(refused);
    expect(runFilter(calls, ask(numbers.prlimit64, 0, 7, 1))).toBe(allow);
  });
});

it("denies the x32 calls of x86-64", () => {
  const architecture = 0xc000_003e;
  for (const call of [0x4000_0000, 0x4000_0029, 0x4000_01ff])
    expect(runFilter(callFilter("x64", pid), { call, architecture })).toBe(refused);
});
