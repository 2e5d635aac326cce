import { readdir, readFile, readlink } from "node:fs/promises";

export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/** The processes that work in a folder, or were told of it on their command line; by /proc, so on Linux alone. */
export async function findProcesses(folder: string): Promise<readonly FoundProcess[]> {
  const found: FoundProcess[] = [];
  for (const entry of await readdir("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      const command = (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ");
      // A zombie of the kernel's kind has ended: it has no command line and only waits to be read.
      if (command === "") continue;
      if (command.includes(folder)) {
        found.push({ pid, command });
        continue;
      }
      // That of a process that hides its memory is for root alone.
      const cwd = await readlink(`/proc/${pid}/cwd`);
      if (cwd.startsWith(folder)) found.push({ pid, command });
    } catch (error) {
      if (!["ENOENT", "ESRCH", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
  return found;
}
