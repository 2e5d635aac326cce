import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import sharp from "sharp";
import { beforeAll, expect, it } from "vitest";

import { waveFile } from "../../wave-file.js";
import { writeSampleClip } from "../media/sample-clip.js";
import { canRecordCalls, recordChildCalls } from "./record-calls.js";
import { useFolder } from "../../use-folder.js";

/** Recording takes most of the time: minutes on a busy machine. */
const timeoutMilliseconds = 900_000;
/** Calls that were recorded while films were made, with Node 20, 24 and 26 and glibc: the start of an allow list. */
const known = new Set<string>(
  `
  access arch_prctl brk capget clone close epoll_create1 epoll_ctl epoll_pwait eventfd2 execve exit exit_group fcntl fstat
  fsync ftruncate futex getcwd getegid geteuid getgid getpid getrandom getrusage getsockname getsockopt gettid getuid ioctl
  landlock_add_rule landlock_create_ruleset landlock_restrict_self lseek madvise mmap mprotect munmap newfstatat open openat
  pipe2 pkey_alloc prctl pread64 prlimit64 read readlink rseq rt_sigaction rt_sigprocmask sched_getaffinity sched_getparam
  rename sched_getscheduler seccomp
  set_robust_list set_tid_address stat statx sysinfo uname write writev
  `
    .trim()
    .split(/\s+/),
);
/** Calls that depend on timing or on how a library was built. They may be missing from a recording. */
const harmless = new Set(
  [
    "clock_gettime",
    "clock_nanosleep",
    "getdents64",
    "mremap",
    "restart_syscall",
    "rt_sigreturn",
    "sched_yield",
  ].concat(["lstat", "poll", "pwrite64", "sigaltstack"]),
);
/** Calls that are made and denied; the callers work without them. */
const refused = new Set(["clone3", "io_uring_setup"]);

const cli = fileURLToPath(new URL("../../../dist/cli.js", import.meta.url));
const folder = useFolder();
beforeAll(async () => {
  for (const name of ["calls", "films", "cache"]) await mkdir(path.join(folder, name));
  await sharp({ create: { width: 600, height: 400, channels: 3, background: "teal" } })
    .jpeg()
    .toFile(path.join(folder, "photo.jpg"));
  const samples = Int16Array.from({ length: 48_000 }, (_, index) => 8000 * Math.sin(index / 20));
  await writeFile(path.join(folder, "voice.wav"), waveFile(samples, { sampleRate: 48_000, channelCount: 1 }));
  await writeSampleClip(path.join(folder, "clip.mp4"), {
    frameCount: 45,
    middle: (frame) => 40 + 2 * frame,
    toneFromFrame: 10,
  });
  const capsule = { id: "2b6f0a54-3c1d-4f6e-9a37-1d0c5f8e7b21", title: "Henrik", status: "closed" };
  const message = (index: number, fields: object) => ({
    id: `8d1b6c1e-0c52-4d0b-8f61-5a2e9b7c4f1${index}`,
    capsule_id: capsule.id,
    contributor_name: "Maija",
    submitted_at: `2026-01-26T08:3${index}:00Z`,
    ...fields,
  });
  const messages = [
    message(0, { content_text: "He wound the kitchen clock every Sunday." }),
    message(1, { content_image_url: "photo.jpg" }),
    message(2, { content_audio_url: "voice.wav" }),
    message(3, { content_video_url: "clip.mp4" }),
  ];
  await writeFile(path.join(folder, "capsule.json"), JSON.stringify({ capsule, messages }));
});

// Uses strace, which needs neither root nor a change of our code. Skipped on a machine without it, or where tracing is denied.
it.runIf(process.platform === "linux" && canRecordCalls())(
  "a whole film makes no system call but those that were recorded before",
  ({ annotate }) => {
    const { PATH = "" } = process.env;
    const calls = recordChildCalls(
      [cli, "render", path.join(folder, "capsule.json"), "--out", path.join(folder, "film.mp4")],
      {
        PATH,
        TMPDIR: folder,
        KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
        KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
        KEEPSAKE_SIZE: "360x360",
        KEEPSAKE_QUALITY: "draft",
      },
      path.join(folder, "calls"),
    );
    const table = [...calls].toSorted(([one], [other]) => one.localeCompare(other));
    void annotate(`recorded: ${table.map(([name, count]) => `${name} ${count}`).join(", ")}`);
    expect(calls.size).toBeGreaterThan(30);
    const unknown = table.filter(([name]) => ![known, harmless, refused].some((set) => set.has(name)));
    expect(unknown).toEqual([]);
  },
  timeoutMilliseconds,
);
