import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { runChild } from "../../../dist/process/run-child.js";
import type { AttemptHandler } from "../../../dist/queue/attempt.js";
import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import { never, openQueueRig, type QueueRig } from "./queue-rig.js";
import { runConsumer } from "./run-consumer.js";

const task = new URL("../process/tree-child.mjs", import.meta.url);

let rig: QueueRig;
let folder: string;
beforeAll(async () => {
  rig = await openQueueRig();
  folder = await mkdtemp(path.join(tmpdir(), "keepsake-test-"));
});
beforeEach(async () => {
  await rig.clear();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await rig[Symbol.asyncDispose]();
});

/** Processes of a group that still run; one that was killed and not yet reaped does not. */
function findGroup(group: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // pid (name) state ppid pgrp …; the name may hold anything.
        const [state, , pgrp] = readFileSync(`/proc/${name}/stat`, "utf8")
          .replace(/^.*\) /s, "")
          .split(" ");
        return Number(pgrp) === group && state !== "Z" ? [Number(name)] : [];
      } catch {
        return [];
      }
    });
}

it.runIf(process.platform === "linux").each([
  ["takes too long in all", { attemptSeconds: 3 }],
  ["gets no further for too long", { stallSeconds: 3 }],
])("no process is left of a film that %s", async (_what, limits) => {
  await enqueueCapsule(rig.database, await rig.addCapsule(), never);
  const groups: number[] = [];
  const handler: AttemptHandler = async ({ signal }) => {
    const films = Array.from({ length: 2 }, async () => {
      await runChild(task, null, {
        signal,
        timeoutSeconds: 60,
        isConfined: false,
        folder,
        onProgress: (pid: number) => {
          groups.push(pid);
          expect(findGroup(pid)).toHaveLength(2);
        },
      });
    });
    await Promise.all(films);
    throw new Error("a film that never ends has ended");
  };
  await using consumer = runConsumer(rig.database, handler, limits);
  expect(await consumer.ended()).toMatchObject({
    outcome: "failed",
    jobState: "waiting",
    code: "attempt-timed-out",
    orphaned: false,
  });
  expect(groups).toHaveLength(2);
  // Killed is not yet gone: the kernel takes its time, and under load more of it.
  while (groups.flatMap(findGroup).length > 0) await rig.sql`select pg_sleep(0.02)`;
});
