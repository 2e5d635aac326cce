import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { createChildHealth } from "../../../dist/worker/child-health.js";
import { KeepsakeError } from "../../../dist/errors.js";
import { createLog } from "../../../dist/log.js";
import type { Attempt, AttemptHandler } from "../../../dist/queue/attempt.js";

const log = createLog("silent", false);

let workFolder: string;
beforeEach(async () => {
  workFolder = await mkdtemp(path.join(tmpdir(), "keepsake-health-"));
});
afterEach(() => rm(workFolder, { recursive: true }));

/** An attempt that continues while the worker drains. */
const attempt = { signal: new AbortController().signal } as Attempt;
const died: AttemptHandler = async () => {
  throw new KeepsakeError("child-crashed", "The process ended by SIGKILL.");
};

it("counts no crash of a child where the worker is told to stop while a probe child runs", async () => {
  const stop = new AbortController();
  const health = createChildHealth({ workFolder, log, signal: stop.signal });
  const ended = expect(health.protect(died)(attempt)).rejects.toMatchObject({ code: "child-stopped" });
  await expect.poll(async () => await readdir(workFolder), { interval: 5 }).not.toEqual([]);
  stop.abort();
  await ended;
});

it("reports a crash where the probe child does its task", async () => {
  const health = createChildHealth({ workFolder, log, signal: new AbortController().signal });
  await expect(health.protect(died)(attempt)).rejects.toMatchObject({ code: "child-crashed" });
  expect(await readdir(workFolder)).toEqual([]);
});
