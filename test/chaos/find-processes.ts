import { readdir, readFile, readlink } from "node:fs/promises";

export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/** Finds the processes whose working folder or command line is in a folder. Reads /proc, so it works on Linux alone. */
export async function findProcesses(folder: string): Promise<readonly FoundProcess[]> {
  const found: FoundProcess[] = [];
  for (const entry of await readdir("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      const command = (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ");
      // A process that has ended and was not waited for has no command line.
      if (command === "") continue;
      if (command.includes(folder)) {
        found.push({ pid, command });
        continue;
      }
      // Only root may read this of a process that protects its memory.
      const cwd = await readlink(`/proc/${pid}/cwd`);
      if (cwd.startsWith(folder)) found.push({ pid, command });
    } catch (error) {
      if (!["ENOENT", "ESRCH", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
  return found;
}
