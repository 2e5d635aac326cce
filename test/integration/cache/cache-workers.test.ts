import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("cache-worker.mjs", import.meta.url));
const fullDiskProgram = fileURLToPath(new URL("full-disk.mjs", import.meta.url));

let root = "";
let cacheFolder = "";
let films = "";
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "keepsake-workers-"));
  cacheFolder = path.join(root, "cache");
  films = path.join(root, "films");
  await mkdir(films);
});
afterEach(() => rm(root, { recursive: true }));

interface Running {
  readonly child: ChildProcess;
  readonly begun: Promise<unknown>;
  readonly ended: Promise<{
    readonly exitCode: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

function startWorker(limitBytes: number, entryCount: number, rounds: number): Running {
  const args = [program, films, cacheFolder, limitBytes, entryCount, rounds].map(String);
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const text = { stdout: "", stderr: "" };
  child.stderr?.setEncoding("utf8").on("data", (piece: string) => (text.stderr += piece));
  const begun = once(child.stdout?.setEncoding("utf8") ?? child, "data");
  child.stdout?.on("data", (piece: string) => (text.stdout += piece));
  const ended = once(child, "close").then(([exitCode]) => ({ exitCode: exitCode as number | null, ...text }));
  return { child, begun, ended };
}

async function sizeOfEntries(): Promise<number> {
  const entries = path.join(cacheFolder, "entries");
  const files = await readdir(entries, { recursive: true });
  const sizes = await Promise.all(files.map(async (file) => await stat(path.join(entries, file))));
  return sizes.reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
}

describe("workers that share a cache", () => {
  it("never read a damaged entry or lose files they have read, while others store and evict entries", async () => {
    const limitBytes = 40_000;
    const workers = Array.from({ length: 4 }, () => startWorker(limitBytes, 40, 300));
    const ends = await Promise.all(workers.map(({ ended }) => ended));
    const counts = { read: 0, made: 0 };
    for (const { exitCode, stdout, stderr } of ends) {
      expect(exitCode, stderr).toBe(0);
      expect(stderr).toBe("");
      const { read, made } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as typeof counts;
      counts.read += read;
      counts.made += made;
    }
    // Entries were used by several workers, and many were made again after eviction.
    expect(counts.read).toBeGreaterThan(40);
    expect(counts.made).toBeGreaterThan(80);
    // Each worker may exceed the limit by a twentieth before it measures the entries again.
    expect(await sizeOfEntries()).toBeLessThan(limitBytes * 1.2);
    expect(await readdir(path.join(cacheFolder, "temporary"))).toEqual([]);
    expect(await readdir(films)).toEqual([]);
  });

  it("are not disturbed by a worker that is killed", async () => {
    const workers = Array.from({ length: 3 }, () => startWorker(1e6, 60, 400));
    const [victim, ...others] = workers as [Running, Running, Running];
    await victim.begun;
    victim.child.kill("SIGKILL");
    await victim.ended;
    for (const { ended } of others) expect(await ended).toMatchObject({ exitCode: 0, stderr: "" });
    const { exitCode, stderr } = await startWorker(1e6, 60, 400).ended;
    expect(exitCode, stderr).toBe(0);
  });
});

const canMount = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", tmpdir()]).status === 0;

describe.skipIf(!canMount)("a disk of its own (skipped where none can be mounted)", () => {
  const onSmallDisk = async (sizeKib: number): Promise<unknown> => {
    const disk = path.join(root, "disk");
    await mkdir(disk);
    await writeFile(path.join(films, "segment.mp4"), Buffer.alloc(300_000, 7));
    const script = `mount -t tmpfs -o size=${sizeKib}k tmpfs "$1" && exec "$2" "$3" "$1" "$4"`;
    const args = ["-rm", "sh", "-c", script, "sh", disk, process.execPath, fullDiskProgram, films];
    const { status, stdout, stderr } = spawnSync("unshare", args, { encoding: "utf8", timeout: 60_000 });
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout);
  };

  it("loses the entry, not the film, when the disk of the cache is full", async () => {
    expect(await onSmallDisk(200)).toEqual({ found: false, left: [], film: 300_000 });
  });

  it("copies files between the cache and a film on another filesystem", async () => {
    expect(await onSmallDisk(2_000)).toEqual({ found: true, left: ["1 entry"], film: 300_000 });
  });
});
