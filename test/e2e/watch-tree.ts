import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import type { Evidence } from "./marks.js";

export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
  readonly environment: string;
}

/**
 * Looks again and again at a process and all that it starts, by /proc.
 * @returns the command lines of all, and the environments of those that were started
 */
export async function watchTree(
  root: number,
  signal: AbortSignal,
  onFound: (one: FoundProcess) => void,
): Promise<ReadonlyMap<number, FoundProcess>> {
  const seen = new Map<number, FoundProcess>();
  const ownCommand = await readText(root, "cmdline");
  seen.set(root, { pid: root, command: ownCommand, environment: "" });
  while (!signal.aborted) {
    for (const pid of await listDescendants(root)) {
      const command = await readText(pid, "cmdline");
      // Before it has become another program it is a copy of the one that starts it.
      if (command === "" || command === ownCommand) continue;
      const one = { pid, command, environment: await readText(pid, "environ") };
      if (!seen.has(pid)) onFound(one);
      seen.set(pid, one);
    }
    await sleep(10);
  }
  return seen;
}

export function evidenceOf(processes: Iterable<FoundProcess>): readonly Evidence[] {
  return [...processes].flatMap(({ pid, command, environment }) => [
    { where: `the command line of process ${pid}`, bytes: command },
    { where: `the environment of process ${pid} (${command})`, bytes: environment },
  ]);
}

export async function listDescendants(root: number): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  for (const entry of await readdir("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    // The name in brackets may hold anything; the parent is the second field after it.
    const parent = Number((await readText(pid, "stat")).replace(/^.*\)/s, "").trim().split(" ")[1]);
    if (Number.isInteger(parent)) parents.set(pid, parent);
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === root || isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

async function readText(pid: number, name: string): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/${name}`, "utf8")).replaceAll("\0", " ");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}
