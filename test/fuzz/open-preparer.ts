import { fork, type ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type { PrepareInput } from "../../dist/assets/prepare-file.js";
import type { PreparationOutcome } from "./preparation-outcome.js";

/** Prepares files one at a time in a process, which is replaced when it ends and after a number of files. */
export interface Preparer extends AsyncDisposable {
  prepare(input: PrepareInput): Promise<PreparationOutcome>;
}

/** The limits are far above the needs of any seed file, and low enough for the machine. */
const maxCpuSeconds = 20;
const maxWallSeconds = 900;
const maxResidentMiB = 1500;

/** A leak of a decoder must not look like a large picture. */
const filesPerProcess = 300;
const watchMilliseconds = 250;
const ticksPerSecond = 100;

export function openPreparer(): Preparer {
  let child: RunningChild | null = null;
  return {
    async prepare(input) {
      if (child !== null && child.fileCount >= filesPerProcess) {
        await child.end();
        child = null;
      }
      child ??= startChild();
      child.fileCount += 1;
      const outcome = await child.run(input);
      if (outcome.kind === "crashed" || outcome.kind === "stopped") {
        await child.end();
        child = null;
      }
      return outcome;
    },
    async [Symbol.asyncDispose]() {
      await child?.end();
    },
  };
}

interface RunningChild {
  fileCount: number;
  run(input: PrepareInput): Promise<PreparationOutcome>;
  end(): Promise<void>;
}

function startChild(): RunningChild {
  const child = fork(fileURLToPath(new URL("./prepare-many.mjs", import.meta.url)), [], {
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4000);
    });
  }
  const closed = new Promise<string>((resolve) => {
    child.once("close", (code, signalName) => resolve(signalName ?? `exit code ${code}`));
  });
  return {
    fileCount: 0,
    async run(input) {
      said = "";
      const watch = watchUse(child);
      const answered = new Promise<PreparationOutcome>((resolve) => {
        child.once("message", (outcome: PreparationOutcome) => resolve(outcome));
      });
      child.send(input, () => undefined);
      try {
        return await Promise.race([
          answered,
          watch.exceeded,
          closed.then((how): PreparationOutcome => ({ kind: "crashed", how, said })),
        ]);
      } finally {
        watch.end();
        child.removeAllListeners("message");
      }
    },
    async end() {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

/** CPU time, as the machine may be busy with other things; wall time only against a process that waits forever. */
function watchUse(child: ChildProcess): { readonly exceeded: Promise<PreparationOutcome>; end(): void } {
  const begun = Date.now();
  let cpuAtStart: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  const exceeded = new Promise<PreparationOutcome>((resolve) => {
    const check = async (): Promise<void> => {
      const use = await readUse(child.pid ?? 0);
      if (use === null) return;
      cpuAtStart ??= use.cpuSeconds;
      const cpuSeconds = use.cpuSeconds - cpuAtStart;
      const wallSeconds = (Date.now() - begun) / 1000;
      if (use.residentMiB > maxResidentMiB) {
        resolve({ kind: "stopped", why: "memory", how: `${Math.round(use.residentMiB)} MiB` });
      } else if (cpuSeconds > maxCpuSeconds || wallSeconds > maxWallSeconds) {
        resolve({ kind: "stopped", why: "time", how: `${cpuSeconds.toFixed(1)} s of CPU` });
      }
    };
    timer = setInterval(() => void check(), watchMilliseconds);
  });
  return { exceeded, end: () => clearInterval(timer) };
}

async function readUse(pid: number): Promise<{ residentMiB: number; cpuSeconds: number } | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // After the name, which may hold anything: state is the third field, user and system time the 14th and 15th.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const residentPages = Number(fields[21]);
    return {
      residentMiB: (residentPages * 4096) / 2 ** 20,
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    };
  } catch {
    return null;
  }
}
