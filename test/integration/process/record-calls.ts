import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const prefix = "calls.";

/** True when this system can record calls: strace is installed, and may trace the processes that it starts. */
export function canRecordCalls(): boolean {
  return spawnSync("strace", ["-qq", "-o", "/dev/null", process.execPath, "--version"]).status === 0;
}

/**
 * Runs Node with these arguments and records the system calls that the children of that process make from the moment they
 * run our code, including calls that are denied.
 *
 * @param folder empty; strace writes a file for each thread into it
 * @returns the number of calls by name
 */
export function recordChildCalls(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  folder: string,
): ReadonlyMap<string, number> {
  const traced = ["-f", "-ff", "-qq", "-s", "200", "-o", path.join(folder, prefix.slice(0, -1))];
  const { status, stderr } = spawnSync("strace", [...traced, process.execPath, ...args], {
    env: environment,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`It ended with ${status}: ${stderr}`);
  const threads = new Map<number, readonly string[]>();
  for (const name of readdirSync(folder).filter((one) => one.startsWith(prefix)))
    threads.set(Number(name.slice(prefix.length)), readFileSync(path.join(folder, name), "utf8").split("\n"));
  const calls = new Map<string, number>();
  const count = (lines: readonly string[]): void => {
    for (const line of lines) {
      const call = /^(\w+)\(/.exec(line)?.[1];
      if (call !== undefined) calls.set(call, (calls.get(call) ?? 0) + 1);
      const thread = /^clone3?\(.*CLONE_THREAD.* = (\d+)$/.exec(line)?.[1];
      if (thread !== undefined) count(threads.get(Number(thread)) ?? []);
    }
  };
  for (const lines of threads.values()) {
    const start = lines.findIndex((line) => line.startsWith("execve(") && line.includes("child-entry"));
    if (start !== -1) count(lines.slice(start));
  }
  return calls;
}
