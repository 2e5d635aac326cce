import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openTestDatabase, type TestDatabase } from "../database.js";
import { keepsake, startKeepsake } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

/** Linux counts CPU time in hundredths of a second wherever it shows it. */
const ticksPerSecond = 100;
const runs = 3;
/** The number is so high that hundredths of a second are fine enough. */
const startCount = 10;

let database: TestDatabase;
let sql: postgres.Sql;
const folder = useFolder();
beforeAll(async () => {
  database = await openTestDatabase();
  sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
  await mkdir(path.join(folder, "storage"));
});
afterAll(async () => {
  await sql.end();
  await database[Symbol.asyncDispose]();
});

function settings(): Readonly<Record<string, string>> {
  return {
    DATABASE_URL: database.url,
    KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
    KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
    KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
  };
}

// CPU time in starts of Node itself: both cost more on a slow or busy machine. The smallest of some runs counts, because
// caches are cold in the first. Measured: 12 and 14 with Node 20, whose start is slower; 20 and 26 with Node 24. The limit
// is far above both, because it must catch only a command that loads what it does not use.
const maxStarts = 60;
describe.runIf(process.platform === "linux")("CPU time", () => {
  it(`a worker's first claim, with all checks before it, costs no more than ${maxStarts} starts of Node`, async () => {
    const ratio = await inStartsOfNode("first claim", measureFirstClaim);
    expect(ratio).toBeLessThanOrEqual(maxStarts);
  });

  it(`keepsake doctor costs no more than ${maxStarts} starts of Node`, async () => {
    const ratio = await inStartsOfNode("doctor", async () => {
      const before = endedChildrenSeconds("self");
      expect(await keepsake(["doctor", "--json"], settings())).toMatchObject({ exitCode: 0 });
      return endedChildrenSeconds("self") - before;
    });
    expect(ratio).toBeLessThanOrEqual(maxStarts);
  });
});

/** Measures both by turns, so that what else the machine does weighs on both. */
async function inStartsOfNode(what: string, measure: () => Promise<number>): Promise<number> {
  const measured: number[] = [];
  const starts: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    measured.push(await measure());
    starts.push(measureStarts());
  }
  report(what, measured);
  report(`${startCount} starts of Node`, starts);
  return (startCount * Math.min(...measured)) / Math.min(...starts);
}

function measureStarts(): number {
  const before = endedChildrenSeconds("self");
  for (let start = 0; start < startCount; start += 1)
    expect(spawnSync(process.execPath, ["-e", "0"]).status).toBe(0);
  return endedChildrenSeconds("self") - before;
}

/** The job names no capsule, so that the worker starts no process for it. */
async function measureFirstClaim(): Promise<number> {
  await sql`select pgmq.send('video_jobs_queue', ${sql.json({ capsule_id: crypto.randomUUID() })}::jsonb)`;
  const claims = async () => (await sql`select from keepsake.attempts`).length;
  const before = await claims();
  const worker = startKeepsake(["work"], settings());
  const exited = once(worker, "exit");
  worker.stderr?.resume();
  while ((await claims()) === before) await sleep(2);
  const pid = String(worker.pid);
  const seconds = ownSeconds(pid) + endedChildrenSeconds(pid);
  worker.kill("SIGTERM");
  await exited;
  return seconds;
}

/** Fields of /proc/<pid>/stat behind the name, which may hold anything; proc(5). */
function ticksOf(pid: string, first: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[first]) + Number(fields[first + 1])) / ticksPerSecond;
}

function ownSeconds(pid: string): number {
  return ticksOf(pid, 11);
}

function endedChildrenSeconds(pid: string): number {
  return ticksOf(pid, 13);
}

function report(what: string, measured: readonly number[]): void {
  const list = measured.map((seconds) => seconds.toFixed(2)).join(", ");
  process.stderr.write(`CPU seconds, ${what}: ${list}\n`);
}
