import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { serialize } from "node:v8";

import { findCodePlaces } from "./find-code-places.js";
import { forbidRings } from "./forbid-rings.js";
import { spawnHeld } from "./held-starter.js";
import { isBelow } from "./is-below.js";
import { askLandlockVersion } from "./landlock-version.js";
import type { ChildStart, ParentMessage } from "./messages.js";
import { canHoldAllThreads, planHold, type HeldPlaces } from "./plan-hold.js";
import type { ProcessEnd, ProcessEvent, ProcessStart, SpawnProcess } from "./process-event.js";

/** One process, from its start to its end. */
export interface SpawnedChild {
  /** Undefined until it is started, which another thread may do. */
  readonly pid: number | undefined;
  /** Never rejects; whatever the process started has been killed by then. */
  readonly ended: Promise<ProcessEnd>;
  /** The last that it wrote on standard error. */
  readonly stderrTail: () => string;
  /** Whom to tell what it answers, line by line; null for a process that said more than it may, and was killed. */
  listen(hear: (line: string | null) => void): void;
  order(message: ParentMessage<unknown>): void;
  /** Kills the process and all it started. */
  kill(): void;
}

export interface SpawnOptions {
  readonly start: Omit<ChildStart, "hold">;
  /** Its working directory, empty. */
  readonly folder: string;
  /** What it may reach beside our code. */
  readonly places: ChildPlaces;
  readonly maxAnswerBytes: number;
}

export interface ChildPlaces {
  /** Where it reads and writes. */
  readonly folder: string;
  /** The folder of the film, where it reads; what is held of it before it starts may also write there. */
  readonly film: string;
  /** Other files and folders to read. */
  readonly reads: readonly string[];
}

const { spawnProcess } = createRequire(import.meta.url)("./spawn-process.cjs") as {
  readonly spawnProcess: SpawnProcess;
};
const stderrTailBytes = 4096;
const entry = fileURLToPath(new URL("./child-entry.cjs", import.meta.url));

/** Starts a process that loads the module of a task, with a process group and an environment of its own. */
export function spawnChild(task: URL, { start, folder, places, maxAnswerBytes }: SpawnOptions): SpawnedChild {
  // Where it fails, a probe child says what came of it.
  forbidRings();
  const version = start.isConfined ? askLandlockVersion() : 0;
  const { own, thread } = planHolds(version, places);
  const processStart: ProcessStart = {
    args: [
      "--disable-warning=ExperimentalWarning",
      `--max-old-space-size=${start.memoryMib}`,
      // The system's is of no use without a network, and lies where a child may not read: Node would not start.
      ...(version > 0 ? ["--openssl-config=/dev/null"] : []),
      entry,
      fileURLToPath(task),
      JSON.stringify({ ...start, hold: own && planHold(version, own) } satisfies ChildStart),
    ],
    environment: childEnvironment(folder),
    folder,
    maxAnswerBytes,
  };
  let pid: number | undefined;
  let stderrTail = "";
  let hear: (line: string | null) => void = () => undefined;
  let end: (how: ProcessEnd) => void = () => undefined;
  const ended = new Promise<ProcessEnd>((resolve) => {
    end = resolve;
  });
  const tell = (event: ProcessEvent): void => {
    if (event.kind === "started") pid = event.pid;
    else if (event.kind === "answer") hear(event.line);
    else if (event.kind === "flood") hear(null);
    else if (event.kind === "stderr") stderrTail = (stderrTail + event.text).slice(-stderrTailBytes);
    else end(event.end);
  };
  const spawned =
    thread === null ? spawnProcess(processStart, tell) : spawnHeld(version, thread, processStart, tell);
  return {
    get pid() {
      return pid;
    },
    ended,
    stderrTail: () => stderrTail,
    listen: (listener) => {
      hear = listener;
    },
    order: (message) => spawned.send(serialize(message)),
    kill: () => spawned.kill(),
  };
}

/** Who gives up what, so that it holds for all threads of a child. */
interface Holds {
  /** The child itself, once its code runs. */
  readonly own: HeldPlaces | null;
  /** The thread that starts it. */
  readonly thread: HeldPlaces | null;
}

/**
 * Where the kernel can hold all threads of a process, a child gives all up itself. Elsewhere the thread does that starts it.
 * That one serves a whole film, and cannot name the folder in `/proc` of a process that is not there yet: what is left
 * between the two the child gives up, with few rules, since both hold.
 */
function planHolds(version: number, { folder, film, reads }: ChildPlaces): Holds {
  if (version === 0) return { own: null, thread: null };
  const code = findCodePlaces();
  const known = [film, ...code.reads];
  const all = [...code.reads, ...reads.filter((place) => !known.some((one) => isBelow(place, one)))];
  if (canHoldAllThreads(version))
    return { own: { reads: [...all, film, "/proc/self"], writes: [folder], runs: [] }, thread: null };
  const broad = [...all, film].map((place) => (isBelow(place, "/proc") ? place : firstFolder(place)));
  return {
    own: { reads: [...new Set(broad), "/proc/self"], writes: [folder], runs: [] },
    thread: { reads: [...all, "/proc"], writes: [film], runs: code.runs },
  };
}

function firstFolder(place: string): string {
  return place.split(path.sep, 2).join(path.sep);
}

/**
 * glibc takes large blocks from its heap once it has seen some freed, where small ones that live longer keep them from
 * being given back: a clip with packets of 3 MB took 3 MB more with each picture. A fixed threshold (mallopt(3)) has
 * every block of a megabyte mapped and unmapped by itself. Other C libraries ignore it.
 */
const mallocSettings = {
  MALLOC_MMAP_THRESHOLD_: String(2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 23),
};

/** Only what a process needs to run: nothing of ours, so no key can leak through a child. */
function childEnvironment(folder: string): Record<string, string> {
  const kept = ["PATH", "LANG", "TZ", "LD_LIBRARY_PATH", "SystemRoot"];
  // Films are set in bundled fonts alone; without this the canvas loads the machine's at its start.
  const environment: Record<string, string> = {
    DISABLE_SYSTEM_FONTS_LOAD: "1",
    HOME: folder,
    TMPDIR: folder,
    ...mallocSettings,
  };
  for (const name of kept) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
