import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { runChild } from "../../../dist/process/run-child.js";
import { findProcesses } from "../../chaos/find-processes.js";
import { useFolder } from "../../use-folder.js";

const onLinux = process.platform === "linux";
const task = new URL("./tasks-child.mjs", import.meta.url);
const dyingTask = new URL("./dying-child.mjs", import.meta.url);
const busyParent = fileURLToPath(new URL("./busy-parent.mjs", import.meta.url));
const stopSignals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

const folder = useFolder();

describe.runIf(onLinux)("a signal that a supervisor sends to the whole group", () => {
  it.each(stopSignals)("%s does not end a child that is working on its task", async (signalName) => {
    const waiting = startWaiting();
    await waiting.begun;
    const children = await findProcesses(folder);
    expect(children).toHaveLength(1);
    for (const { pid } of children) process.kill(pid, signalName);
    await waiting.go();
    expect(await waiting.answer).toEqual({ answer: "waited" });
  });

  it("may end a child at any moment before its task begins, and the task is still done", async () => {
    const waiting = startWaiting();
    const killed = new Set<number>();
    // Each process gets one signal at some moment of its start, until one of them survives its signal.
    const begun = waiting.begun.then(() => true);
    const hasBegunYet = async () => await Promise.race([begun, sleep(1, false)]);
    for (let hasBegun = false; !hasBegun; hasBegun = await hasBegunYet()) {
      for (const { pid } of await findProcesses(folder)) {
        if (killed.has(pid) || killed.size === stopSignals.length) continue;
        try {
          process.kill(pid, stopSignals[killed.size % stopSignals.length]);
          killed.add(pid);
        } catch {
          // The process has already ended.
        }
      }
    }
    await waiting.go();
    expect(await waiting.answer).toEqual({ answer: "waited" });
  });

  it.each([
    { lives: 1, starts: 1 },
    { lives: 6, starts: 6 },
  ])("causes a new start of a child that has not begun, $lives times", async ({ lives, starts }) => {
    await using child = await openDyingChild(lives);
    expect(await child.run()).toBe("answered");
    expect(await child.starts()).toBe(starts);
  });

  it("makes a child that never begins start again at most five times, and is reported", async () => {
    await using child = await openDyingChild(100);
    await expect(child.run()).rejects.toMatchObject({
      code: "child-crashed",
      message: expect.stringContaining("by SIGTERM without an answer"),
    });
    expect(await child.starts()).toBe(6);
  });
});

describe.runIf(onLinux)("a child whose parent is killed", () => {
  it.each(["spin", "wait"])("ends too, although it ignores SIGTERM: %s", async (what) => {
    const parent = spawn(process.execPath, [busyParent, folder, what], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [text] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(text.toString().trim());
    // Time for the child to enter its endless loop or its wait.
    await sleep(200);
    process.kill(pid, "SIGTERM");
    await sleep(100);
    expect(isRunning(pid)).toBe(true);
    parent.kill("SIGKILL");
    await once(parent, "exit");
    await expect.poll(() => isRunning(pid), { interval: 20 }).toBe(false);
  });
});

/** A child that has begun and waits until the test tells it to continue. */
function startWaiting() {
  const { signal } = new AbortController();
  const file = path.join(folder, `go-${randomUUID()}`);
  const { promise: begun, resolve: onProgress } = withResolvers();
  const answer = runChild(
    task,
    { what: "wait", path: file },
    { folder, signal, timeoutSeconds: 600, onProgress },
  );
  return { begun, answer, go: async () => await writeFile(file, "") };
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers() {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}

/** A folder for a child that dies before it begins until it has been started this number of times. */
async function openDyingChild(lives: number) {
  const own = await mkdtemp(path.join(folder, "dying-"));
  await writeFile(path.join(own, "lives"), String(lives));
  const { signal } = new AbortController();
  return {
    run: async () => await runChild(dyingTask, null, { folder: own, signal, timeoutSeconds: 600 }),
    starts: async () => (await readFile(path.join(own, "starts"), "utf8")).length,
    [Symbol.asyncDispose]: async () => await rm(own, { recursive: true }),
  };
}

/** A zombie (ended, but not waited for) does not count as running. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
