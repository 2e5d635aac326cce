import { readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { ChaosRoom } from "./chaos-room.js";
import { findProcesses } from "./find-processes.js";
import type { WorkerProcess } from "./worker-process.js";

/** A child notices much sooner that its worker has ended. The rest is for a busy machine. */
const orphanSeconds = 60;

/** What a worker that was told to stop, and has ended, should not have left: a process or a folder of a film. */
export async function leftoversOf(
  { workFolder }: ChaosRoom,
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
 * Waits until the children of a worker that was killed have ended too. Nobody ends them: they see that it is gone.
 * @returns how long they outlived it, or a violation
 */
export async function outlived(
  { workFolder }: ChaosRoom,
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
