import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

import type { ChildEnd } from "./child-end.js";
import { forbidRings } from "./forbid-rings.js";
import type { ChildStart } from "./messages.js";

/** One process, from its start to its end. */
export interface SpawnedChild {
  readonly process: ChildProcess;
  /** Never rejects; whatever the process started has been killed by then. */
  readonly ended: Promise<ChildEnd>;
  /** The last that it wrote on standard error. */
  readonly stderrTail: () => string;
  /** Kills the process and all it started. */
  readonly kill: () => void;
}

const stderrTailBytes = 4096;
const entry = fileURLToPath(new URL("./child-entry.cjs", import.meta.url));

/**
 * Starts a process that loads the module of a task, with a process group and an environment of its own.
 *
 * @param folder its working directory, empty
 */
export function spawnChild(task: URL, start: ChildStart, folder: string): SpawnedChild {
  // Where it fails, a probe child says what came of it.
  forbidRings();
  const child = fork(entry, [fileURLToPath(task), JSON.stringify(start)], {
    cwd: folder,
    env: childEnvironment(folder),
    execArgv: ["--disable-warning=ExperimentalWarning", `--max-old-space-size=${start.memoryMib}`],
    serialization: "advanced",
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let stderrTail = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderrTail = (stderrTail + text).slice(-stderrTailBytes);
  });
  const kill = (): void => killGroup(child);
  const ended = new Promise<ChildEnd>((resolve) => {
    const end = (how: ChildEnd): void => {
      // What it started may have outlived it.
      kill();
      resolve(how);
    };
    child.once("error", (error) => end({ error, code: null, signalName: null }));
    child.once("close", (code, signalName) => end({ error: null, code, signalName }));
  });
  return { process: child, ended, stderrTail: () => stderrTail, kill };
}

/** A group that is already gone is fine. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
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
function childEnvironment(folder: string): NodeJS.ProcessEnv {
  const kept = ["PATH", "LANG", "TZ", "LD_LIBRARY_PATH", "SystemRoot"];
  // Films are set in bundled fonts alone; without this the canvas loads the machine's at its start.
  const environment: NodeJS.ProcessEnv = {
    DISABLE_SYSTEM_FONTS_LOAD: "1",
    HOME: folder,
    TMPDIR: folder,
    ...mallocSettings,
  };
  for (const name of kept) {
    if (process.env[name] !== undefined) environment[name] = process.env[name];
  }
  return environment;
}
