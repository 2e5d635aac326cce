import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { serialize } from "node:v8";

import { askLandlock } from "./ask-landlock.js";
import { forbidRings } from "./forbid-rings.js";
import { spawnConfined } from "./confined-starter.js";
import type { ChildStart, ParentMessage } from "./messages.js";
import { planChildRulesets, type ChildPlaces } from "./plan-child-rulesets.js";
import type { ProcessEnd, ProcessEvent, ProcessStart, SpawnProcess } from "./process-event.js";

/** One process, from its start to its end. */
export interface SpawnedChild {
  /** Undefined until it is started, which another thread may do. */
  readonly pid: number | undefined;
  /** Never rejects; whatever the process started has been killed by then. */
  readonly ended: Promise<ProcessEnd>;
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

const { spawnProcess } = createRequire(import.meta.url)("./spawn-process.cjs") as {
  readonly spawnProcess: SpawnProcess;
};
const entry = fileURLToPath(new URL("./child-entry.cjs", import.meta.url));

/** Starts a process that loads the module of a task, with a process group and an environment of its own. */
export function spawnChild(task: URL, { start, folder, places, maxAnswerBytes }: SpawnOptions): SpawnedChild {
  // Where it fails, a probe child says what came of it.
  forbidRings();
  const landlock = start.isConfined ? askLandlock() : { version: 0, coversAllThreads: false };
  const { own, thread } = planChildRulesets(landlock, places);
  const processStart: ProcessStart = {
    args: [
      "--disable-warning=ExperimentalWarning",
      `--max-old-space-size=${start.memoryMib}`,
      // The system's is of no use without a network, and lies where a child may not read: Node would not start.
      ...(landlock.version > 0 ? ["--openssl-config=/dev/null"] : []),
      entry,
      fileURLToPath(task),
      JSON.stringify({ ...start, hold: own } satisfies ChildStart),
    ],
    environment: childEnvironment(folder),
    folder,
    maxAnswerBytes,
  };
  let pid: number | undefined;
  let hear: (line: string | null) => void = () => undefined;
  let end: (how: ProcessEnd) => void = () => undefined;
  const ended = new Promise<ProcessEnd>((resolve) => {
    end = resolve;
  });
  const tell = (event: ProcessEvent): void => {
    if (event.kind === "started") pid = event.pid;
    else if (event.kind === "answers") for (const line of event.lines) hear(line);
    else if (event.kind === "flood") hear(null);
    else end(event.end);
  };
  const spawned =
    thread === null ? spawnProcess(processStart, tell) : spawnConfined(thread, processStart, tell);
  return {
    get pid() {
      return pid;
    },
    ended,
    listen: (listener) => {
      hear = listener;
    },
    order: (message) => spawned.send(serialize(message)),
    kill: () => spawned.kill(),
  };
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
