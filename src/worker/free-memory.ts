import { readFile } from "node:fs/promises";
import path from "node:path";

/** Files of the memory controller, for both versions of control groups: https://docs.kernel.org/admin-guide/cgroup-v2.html */
const controllers = [
  {
    own: /^0::(\/.*)$/m,
    mount: "sys/fs/cgroup",
    limits: ["memory.max", "memory.high"],
    used: "memory.current",
    cached: /^(?:inactive|active)_file (\d+)$/gm,
  },
  {
    own: /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m,
    mount: "sys/fs/cgroup/memory",
    limits: ["memory.limit_in_bytes"],
    used: "memory.usage_in_bytes",
    cached: /^total_(?:inactive|active)_file (\d+)$/gm,
  },
] as const;

/**
 * Returns the number of bytes that a new process could use before the kernel has to kill a process: the minimum of the
 * machine's free memory and of the rest of the limit of each control group, from this process's own upwards. Cached files
 * count as free. Node's `process.availableMemory()` does not count them in a container, so it reports a shortage after
 * every large file.
 *
 * @param root `/`, except in tests
 * @returns null where that is unknown, as on systems other than Linux
 */
export async function freeMemoryBytes(root = "/"): Promise<number | null> {
  const machine = /^MemAvailable:\s+(\d+) kB$/m.exec(await textOf(root, "proc/meminfo"))?.[1];
  if (machine === undefined) return null;
  let free = Number(machine) * 1024;
  const groups = await textOf(root, "proc/self/cgroup");
  for (const controller of controllers) {
    const own = controller.own.exec(groups)?.[1];
    if (own === undefined) continue;
    // A container may see its group's path of the host; then only the root of the mount has these files.
    for (let group = own; ; group = path.dirname(group)) {
      free = Math.min(free, await freeInGroup(root, path.join(controller.mount, group), controller));
      if (group === "/") break;
    }
  }
  return Math.max(0, free);
}

async function freeInGroup(
  root: string,
  folder: string,
  { limits, used, cached }: (typeof controllers)[number],
): Promise<number> {
  const figures = await Promise.all(limits.map(async (name) => await textOf(root, path.join(folder, name))));
  // The text is "max" without a limit, and empty where the file does not exist.
  const limit = Math.min(...figures.map((text) => (/^\d+$/.test(text.trim()) ? Number(text) : Infinity)));
  if (limit === Infinity) return Infinity;
  const usedBytes = Number(await textOf(root, path.join(folder, used)));
  const statistics = await textOf(root, path.join(folder, "memory.stat"));
  const cachedBytes = [...statistics.matchAll(cached)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  return limit - Math.max(0, usedBytes - cachedBytes);
}

async function textOf(root: string, file: string): Promise<string> {
  return await readFile(path.join(root, file), "utf8").catch(() => "");
}
