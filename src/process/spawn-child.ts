import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { serialize } from "node:v8";

import { childEnvironment } from "./child-environment.js";
import { spawnConfined } from "./confined-starter.js";
import { detectLandlock } from "./detect-landlock.js";
import { forbidRings } from "./forbid-rings.js";
import type { ChildStart, ParentMessage } from "./messages.js";
import { planChildRulesets, type ChildPlaces } from "./plan-child-rulesets.js";
import type { ProcessEnd, ProcessEvent, ProcessStart, SpawnProcess } from "./process-event.js";

/** One process, from its start to its end. */
export interface SpawnedChild {
  /** Undefined until the process is started, possibly by another thread. */
  readonly pid: number | undefined;
  /** Never rejects. Everything that the process started has been killed by then. */
  readonly ended: Promise<ProcessEnd>;
  /** Sets the listener for lines that it sends; null means that it sent more than its limit, and was killed. */
  listen(onLine: (line: string | null) => void): void;
  send(message: ParentMessage<unknown>): void;
  /** Kills the process and everything that it started. */
  kill(): void;
}

export interface SpawnOptions {
  readonly start: Omit<ChildStart, "ruleset">;
  /** Its working directory, which is empty. */
  readonly folder: string;
  /** Files that it may reach in addition to our code. */
  readonly places: ChildPlaces;
  readonly maxAnswerBytes: number;
}

const { spawnProcess } = createRequire(import.meta.url)("./spawn-process.cjs") as {
  readonly spawnProcess: SpawnProcess;
};
const entry = fileURLToPath(new URL("./child-entry.cjs", import.meta.url));

/** Starts a process that loads the module of a task, with its own process group and environment. */
export function spawnChild(task: URL, { start, folder, places, maxAnswerBytes }: SpawnOptions): SpawnedChild {
  // If this fails, the probe (`probe-children.ts`) reports the consequences.
  forbidRings();
  const landlock = start.isConfined ? detectLandlock() : { version: 0, coversAllThreads: false };
  const { own, thread } = planChildRulesets(landlock, places);
  const processStart: ProcessStart = {
    args: [
      "--disable-warning=ExperimentalWarning",
      `--max-old-space-size=${start.memoryMib}`,
      // A child may not read the system's configuration of OpenSSL, and Node would fail to start.
      ...(landlock.version > 0 ? ["--openssl-config=/dev/null"] : []),
      entry,
      fileURLToPath(task),
      JSON.stringify({ ...start, ruleset: own } satisfies ChildStart),
    ],
    environment: childEnvironment(folder),
    folder,
    maxAnswerBytes,
  };
  let pid: number | undefined;
  let onLine: (line: string | null) => void = () => undefined;
  let end: (how: ProcessEnd) => void = () => undefined;
  const ended = new Promise<ProcessEnd>((resolve) => {
    end = resolve;
  });
  const onEvent = (event: ProcessEvent): void => {
    if (event.kind === "started") pid = event.pid;
    else if (event.kind === "answers") for (const line of event.lines) onLine(line);
    else if (event.kind === "flood") onLine(null);
    else end(event.end);
  };
  const spawned =
    thread === null ? spawnProcess(processStart, onEvent) : spawnConfined(thread, processStart, onEvent);
  return {
    get pid() {
      return pid;
    },
    ended,
    listen: (listener) => {
      onLine = listener;
    },
    send: (message) => spawned.send(serialize(message)),
    kill: () => spawned.kill(),
  };
}
