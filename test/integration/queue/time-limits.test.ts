import { readdirSync, readFileSync } from "node:fs";

import { describe, expect } from "vitest";

import { runChild } from "../../../dist/process/run-child.js";
import type { AttemptHandler } from "../../../dist/queue/attempt.js";
import { ownDatabaseTest } from "./queue-test.js";
import { runConsumer } from "./run-consumer.js";
import { useFolder } from "../../use-folder.js";

const task = new URL("../process/tree-child.mjs", import.meta.url);

const folder = useFolder();

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

// A busy machine needs seconds to start the children before the limit.
describe.runIf(process.platform === "linux").concurrent("a film that exceeds a time limit", () => {
  ownDatabaseTest.for<[string, { attemptSeconds?: number; stallSeconds?: number }]>([
    ["takes too long in all", { attemptSeconds: 12 }],
    ["makes no progress for too long", { stallSeconds: 12 }],
  ])("leaves no process when it %s", async ([_what, limits], { rig }) => {
    await rig.enqueue();
    const groups: number[] = [];
    const handler: AttemptHandler = async ({ signal }) => {
      const films = Array.from({ length: 2 }, async () => {
        await runChild(task, null, {
          signal,
          timeoutSeconds: 600,
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
    // The kernel needs some time to end processes that were killed.
    while (groups.flatMap(findGroup).length > 0) await rig.sql`select pg_sleep(0.02)`;
  });
});
