import { readdir } from "node:fs/promises";

import { expect, test } from "vitest";

import type { BenchQueueResult } from "../../dist-tools/bench/bench-queue.js";
import { lastJson, runTool } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

const folder = useFolder();

test("npm run bench -- queue counts what the server counts, and leaves nothing", async () => {
  const sizes = ["--jobs", "12", "--workers", "1,2", "--calls", "2", "--waiting", "20", "--archived", "30"];
  const times = ["--idle-seconds", "1", "--lease-seconds", "1"];
  const ran = await runTool("bench", ["queue", "--json", "--durable", ...sizes, ...times], {
    KEEPSAKE_WORK_FOLDER: folder,
    // The place of the app's database must not matter.
    DATABASE_URL: "postgres://nobody@127.0.0.1:1/nothing",
  });
  expect(ran.exitCode, ran.stderr).toBe(0);
  const { server, throughput, calls, idleClaims, idle, recovery } = lastJson(ran) as BenchQueueResult;
  expect(server).toEqual({ version: expect.stringMatching(/^PostgreSQL \d+/), durable: true });

  expect(throughput.map(({ workers }) => workers)).toEqual([1, 2]);
  for (const run of throughput) {
    for (const call of ["acquire", "capsule_content", "published_film", "heartbeat", "publish"]) {
      expect(run.calls[call]?.count, call).toBe(12);
    }
    // Each worker ends with a claim that found nothing.
    expect(run.calls["claim"]?.count).toBeGreaterThanOrEqual(12 + run.workers);
    const ours = Object.values(run.calls).reduce((sum, { count }) => sum + count, 0);
    expect(run.statementsPerJob * 12).toBeCloseTo(ours);
    expect(run.jobsPerSecond).toBeCloseTo(12 / run.seconds);
    expect(run.cpuMsPerJob).toBeGreaterThan(0);
  }

  for (const state of [calls.empty, calls.full, calls.putOff]) {
    expect(state).toMatchObject({
      enqueue_by_operator: { count: 4 },
      claim: { count: 2 },
      publish: { count: 2 },
      cancel: { count: 2 },
    });
    for (const { p50Ms, p99Ms, worstMs } of Object.values(state)) {
      expect(p50Ms).toBeGreaterThan(0);
      expect(p99Ms).toBeGreaterThanOrEqual(p50Ms);
      expect(worstMs).toBeGreaterThanOrEqual(p99Ms);
    }
  }
  expect(idleClaims.putOff.count).toBe(2);

  expect(idle.workers.map(({ name, films }) => [name, films])).toEqual([
    ["bench-idle-1", 0],
    ["bench-idle-2", 0],
    ["bench-filming", 1],
  ]);
  for (const { connections } of idle.workers) expect(connections).toBeGreaterThan(0);
  expect(recovery).toMatchObject({ jobs: 8, leaseSeconds: 1 });
  // Nobody takes a job before its lease is over.
  expect(recovery.p50AfterLeaseSeconds).toBeGreaterThan(-0.1);
  expect(await readdir(folder)).toEqual([]);
});
