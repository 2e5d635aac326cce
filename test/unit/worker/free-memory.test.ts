import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { freeMemoryBytes } from "../../../dist/worker/free-memory.js";

const gibibyte = 1024 ** 3;
const machine = { "proc/meminfo": "MemTotal: 16777216 kB\nMemFree: 1000 kB\nMemAvailable:    8388608 kB\n" };

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "keepsake-test-"));
});
afterEach(() => rm(root, { recursive: true }));

async function lay(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), text);
  }
}

function second(group: string, max: string, current: number, cached = 0): Record<string, string> {
  const folder = path.join("sys/fs/cgroup", group);
  return {
    [`${folder}/memory.max`]: `${max}\n`,
    [`${folder}/memory.current`]: `${current}\n`,
    [`${folder}/memory.stat`]: `anon 1\ninactive_file ${cached}\nactive_file 0\nslab 5\n`,
  };
}

describe("freeMemoryBytes", () => {
  it("is what the machine has where nothing limits it", async () => {
    await lay({ ...machine, "proc/self/cgroup": "0::/user.slice\n", ...second("user.slice", "max", 5) });
    expect(await freeMemoryBytes(root)).toBe(8 * gibibyte);
  });

  it("is what the group leaves of its limit, with cached files counted as free", async () => {
    await lay({
      ...machine,
      "proc/self/cgroup": "0::/app\n",
      ...second("app", String(2 * gibibyte), 1.75 * gibibyte, 1.25 * gibibyte),
    });
    expect(await freeMemoryBytes(root)).toBe(1.5 * gibibyte);
  });

  it("is what the tightest of the groups above leaves", async () => {
    await lay({
      ...machine,
      "proc/self/cgroup": "0::/pod/app\n",
      ...second("pod", String(gibibyte), 0.75 * gibibyte),
      ...second("pod/app", String(4 * gibibyte), 0.5 * gibibyte),
    });
    expect(await freeMemoryBytes(root)).toBe(0.25 * gibibyte);
  });

  it("respects the limit of a container that sees the path its group has outside", async () => {
    await lay({
      ...machine,
      "proc/self/cgroup": "0::/docker/4ea8fba9\n",
      ...second("", String(gibibyte), 0.5 * gibibyte),
    });
    expect(await freeMemoryBytes(root)).toBe(0.5 * gibibyte);
  });

  it("reads the first version of control groups too", async () => {
    const folder = "sys/fs/cgroup/memory/app";
    await lay({
      ...machine,
      "proc/self/cgroup": "5:cpu,cpuacct:/\n4:memory:/app\n0::/\n",
      [`${folder}/memory.limit_in_bytes`]: `${gibibyte}\n`,
      [`${folder}/memory.usage_in_bytes`]: `${0.5 * gibibyte}\n`,
      [`${folder}/memory.stat`]: `cache 9\ninactive_file 9\ntotal_inactive_file ${0.125 * gibibyte}\ntotal_active_file ${0.125 * gibibyte}\n`,
    });
    expect(await freeMemoryBytes(root)).toBe(0.75 * gibibyte);
  });

  it("is 0 where a limit was lowered below the used memory", async () => {
    await lay({ ...machine, "proc/self/cgroup": "0::/app\n", ...second("app", "1000", 5000) });
    expect(await freeMemoryBytes(root)).toBe(0);
  });

  it("is null where the files are missing", async () => {
    expect(await freeMemoryBytes(root)).toBeNull();
  });

  it.runIf(process.platform === "linux")("is known on this machine", async () => {
    expect(await freeMemoryBytes()).toBeGreaterThan(0);
  });
});
