import { readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { ChaosEnvironment } from "./chaos-environment.js";
import { findProcesses } from "./find-processes.js";
import type { WorkerProcess } from "./worker-process.js";

/** A child notices much sooner that its worker has ended. The rest is for a busy machine. */
const orphanSeconds = 60;

/** Lists the processes and folders of films that remain after a worker has received SIGTERM and ended. */
export async function leftoversOf(
  { workFolder }: ChaosEnvironment,
  worker: WorkerProcess,
): Promise<readonly string[]> {
  const prefix = `film-${worker.pid}-`;
  const folders = (await readdir(workFolder)).filter((name) => name.startsWith(prefix));
  const processes = await findProcesses(path.join(workFolder, prefix));
  return [
    ...folders.map((name) => `${worker.name} left the folder ${name}`),
    ...processes.map(({ command }) => `${worker.name} left the process ${command}`),
  ];
}

/**
 * Waits until the children of a killed worker have ended. They end by themselves when their worker has ended.
 * @returns how long they outlived it, or a violation
 */
export async function outlived(
  { workFolder }: ChaosEnvironment,
  worker: WorkerProcess,
): Promise<{ readonly seconds: number; readonly violations: readonly string[] }> {
  await worker.exited;
  const startedAt = performance.now();
  for (;;) {
    const children = await findProcesses(path.join(workFolder, `film-${worker.pid}-`));
    const seconds = (performance.now() - startedAt) / 1000;
    if (children.length === 0) return { seconds, violations: [] };
    if (seconds > orphanSeconds) {
      const violation = `${children.length} children of ${worker.name} live ${orphanSeconds} s after it was killed`;
      return { seconds, violations: [violation] };
    }
    await sleep(50);
  }
}
