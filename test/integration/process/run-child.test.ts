import { mkdirSync, readdirSync } from "node:fs";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Usage } from "../../../dist/process/messages.js";
import { hasLandlock } from "../../has-landlock.js";
import { runTask, type TaskAnswer, type TaskOptions } from "./run-task.js";
import { useFolder } from "../../use-folder.js";

const onLinux = process.platform === "linux";
const canHoldWriting = hasLandlock();

const folder = useFolder();
let server: Server;
let connections = 0;
let port: number;
let socket: string;
let socketServer: Server;
beforeAll(async () => {
  socket = path.join(folder, "socket");
  const count = (): void => void (connections += 1);
  server = createServer(count);
  socketServer = createServer(count);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await new Promise<void>((resolve) => socketServer.listen(socket, resolve));
  port = (server.address() as { port: number }).port;
  process.env["SUPABASE_SERVICE_ROLE_KEY"] = "key-of-a-test";
  process.env["NODE_OPTIONS_OF_TEST"] = "x";
  process.env["HTTPS_PROXY"] = "http://user:key-of-a-test@127.0.0.1:1";
});
afterAll(async () => {
  for (const name of ["SUPABASE_SERVICE_ROLE_KEY", "NODE_OPTIONS_OF_TEST", "HTTPS_PROXY"])
    delete process.env[name];
  server.close();
  socketServer.close();
  // No file of any child is left.
  expect(readdirSync(folder).filter((name) => name.startsWith("child-"))).toEqual([]);
});

async function run(
  what: string,
  input: object = {},
  options: Partial<TaskOptions> = {},
): Promise<TaskAnswer> {
  return await runTask(what, input, { folder, ...options });
}

describe.runIf(onLinux)("a confined child", () => {
  it.each(["tcp", "udp", "unix", "worker-tcp", "exec", "signal", "kernel-signal", "wide-limit"])(
    "is denied %s",
    async (what) => {
      const before = connections;
      expect(await run(what, { port, socket })).toEqual({ refused: "EACCES" });
      expect(connections).toBe(before);
    },
  );

  it("cannot reach a host by its name", async () => {
    expect((await run("dns")).refused).toMatch(/^EAI_AGAIN|ENOTFOUND$/);
  });

  it("can use threads of native code", async () => {
    expect(await run("threads")).toEqual({ answer: 255 });
  });

  it("cannot reach a host by FFmpeg's network protocols", async () => {
    expect(await run("ffmpeg", { port })).toEqual({ refused: "Permission denied" });
  });

  it.each(["tcp", "unix", "exec", "signal", "kernel-signal"])(
    "is denied %s only by its confinement",
    async (what) => {
      expect(await run(what, { port, socket }, { isConfined: false })).not.toHaveProperty("refused");
    },
  );
});

describe.runIf(onLinux)("a child", () => {
  it("can write in the folder that it was given", async () => {
    expect(await run("write-inside", { path: path.join(folder, "inside") })).toEqual({ answer: "x" });
  });

  it
    .runIf(canHoldWriting)
    .each([
      "write-outside",
      "write-outside-later",
      "write-outside-in-worker",
      "remove-outside",
      "link-inside",
    ])("can write in no other place: %s", async (what) => {
    const given = path.join(folder, "given");
    const outside = path.join(folder, "outside");
    const precious = path.join(folder, "precious");
    await mkdir(given, { recursive: true });
    await writeFile(precious, "x");
    const input = { outside, precious, path: path.join(given, "link") };
    expect(await run(what, input, { folder: given })).toEqual({ refused: "EACCES" });
    await expect(stat(outside)).rejects.toThrow("ENOENT");
    expect(await readFile(precious, "utf8")).toBe("x");
    expect((await run(what, input, { folder: given, isConfined: false })).refused).not.toBe("EACCES");
    for (const file of [outside, precious, given]) await rm(file, { recursive: true, force: true });
  });
});

it("a child has its own empty folder and nothing of our environment", async () => {
  const { answer } = await run("surroundings");
  const { cwd, files, environment, commandLine } = answer as {
    cwd: string;
    files: string[];
    environment: Record<string, string>;
    commandLine: string[];
  };
  expect(path.dirname(cwd)).toBe(folder);
  expect(files).toEqual([]);
  expect(environment).toMatchObject({ HOME: cwd, TMPDIR: cwd });
  const known = new Set([
    "DISABLE_SYSTEM_FONTS_LOAD",
    "HOME",
    "TMPDIR",
    "PATH",
    "LANG",
    "TZ",
    "LD_LIBRARY_PATH",
    "MALLOC_MMAP_THRESHOLD_",
    "MALLOC_TRIM_THRESHOLD_",
  ]);
  expect(Object.keys(environment).filter((name) => !known.has(name))).toEqual([]);
  expect(JSON.stringify([environment, commandLine])).not.toContain("key-of-a-test");
  await expect(stat(cwd)).rejects.toThrow("ENOENT");
});

it("a killed child leaves nothing in its folder", async () => {
  const stop = new AbortController();
  const note = path.join(folder, "note");
  const ended = run("leave", { path: note }, { signal: stop.signal });
  const cwd = await expect
    .poll(async () => await readFile(note, "utf8").catch(() => ""))
    .not.toBe("")
    .then(async () => await readFile(note, "utf8"));
  expect(readdirSync(cwd)).toEqual(["left-in-cwd"]);
  stop.abort(new Error("stopped by the test"));
  await expect(ended).rejects.toThrow("stopped by the test");
  await expect(stat(cwd)).rejects.toThrow("ENOENT");
});

describe.runIf(onLinux)("a limit of a child", () => {
  it("is also enforced by the kernel", async () => {
    const limits = { cpuSeconds: 7, memoryMib: 600, openFiles: 99, outputMib: 3 };
    const { answer } = await run("limits", {}, { limits });
    const hard = (name: string): number =>
      Number(new RegExp(`^${name} +\\S+ +(\\S+)`, "m").exec(answer as string)?.[1]);
    expect(hard("Max open files")).toBe(99);
    expect(hard("Max file size")).toBe(3 * 1024 * 1024);
    expect(hard("Max core file size")).toBe(1);
    expect(hard("Max cpu time")).toBeGreaterThanOrEqual(12);
    expect(hard("Max cpu time")).toBeLessThan(20);
    expect(hard("Max data size")).toBeGreaterThan(600 * 1024 * 1024);
    expect(hard("Max data size")).toBeLessThan(3 * 600 * 1024 * 1024);
  });

  it.each([
    ["spin", "child-cpu-exceeded", /tasks.* process used more CPU time than its limit of 1 s/],
    ["heap", "child-memory-exceeded", /needed more memory than its limit of 300 MiB/],
    ["buffers", "child-memory-exceeded", /needed more memory than its limit of 300 MiB/],
    ["webassembly", "child-memory-exceeded", /needed more memory than its limit of 300 MiB/],
    ["one-file", "child-output-exceeded", /wrote more than its limit of 5 MiB/],
    ["many-files", "child-output-exceeded", /wrote more than its limit of 5 MiB/],
    ["open-files", "internal", /EMFILE/],
  ])("stops %s with %s and reports it", async (what, code, sentence) => {
    let usage: Usage | null = null;
    const output = path.join(folder, what);
    mkdirSync(output, { recursive: true });
    const ended = run(
      what,
      { path: path.join(output, "file"), rethrow: true },
      {
        limits: { cpuSeconds: what === "spin" ? 1 : 30, memoryMib: 300, outputMib: 5, openFiles: 64 },
        onUsage: (used) => {
          usage = used;
        },
      },
    );
    await expect(ended).rejects.toMatchObject({ code, message: expect.stringMatching(sentence) });
    expect(usage).toMatchObject({ cpuSeconds: expect.any(Number), peakMib: expect.any(Number) });
    await rm(output, { recursive: true });
  });
});

describe.runIf(onLinux)("the time of a task", () => {
  it.each(["sleep", "spin"])("runs out for a task that never ends: %s", async (what) => {
    const ended = run(what, {}, { timeoutSeconds: 1.5 });
    await expect(ended).rejects.toMatchObject({
      code: "child-timed-out",
      message: expect.stringContaining("longer than"),
    });
  });

  it("is not used up while the process is stopped", async () => {
    expect(await run("stopped", { seconds: 8 }, { timeoutSeconds: 4, isConfined: false })).toEqual({
      answer: true,
    });
  });

  it("grows by the seconds that the task earned", async () => {
    const begun = performance.now();
    const ended = run("spin", {}, { timeoutSeconds: 1, earnedSeconds: () => 2, limits: { cpuSeconds: 60 } });
    await expect(ended).rejects.toMatchObject({ message: expect.stringContaining("longer than 3 s") });
    expect(performance.now() - begun).toBeGreaterThan(3000);
  });
});

it.runIf(onLinux)("reports a full disk as disk-full, whatever the process wrote", async () => {
  const ended = run("full-disk", { rethrow: true }, { isConfined: false });
  await expect(ended).rejects.toMatchObject({ code: "disk-full", fault: "setup" });
});

describe("the end of a child without an answer", () => {
  it.each([
    ["SIGSEGV", "child-crashed", /by SIGSEGV without an answer/],
    ["SIGABRT", "child-crashed", /by SIGABRT without an answer/],
    ["SIGSYS", "child-crashed", /by SIGSYS .* system call/],
    ["SIGKILL", "child-killed", /killed from outside, perhaps because/],
  ])("by %s is reported as %s", async (signalName, code, sentence) => {
    const ended = run("die", { signalName });
    await expect(ended).rejects.toMatchObject({ code, message: expect.stringMatching(sentence) });
  });

  it.each([
    "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n",
    "GLib-ERROR **: gmem.c: failed to allocate 1073741824 bytes\n",
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n",
  ])("after the error output %j is reported as a lack of memory", async (findErrorLine) => {
    const ended = run("abort", { findErrorLine }, { limits: { memoryMib: 321 } });
    await expect(ended).rejects.toMatchObject({
      code: "child-memory-exceeded",
      message: expect.stringContaining("more memory than its limit of 321 MiB"),
    });
  });

  it("is a crash when it has an exit code", async () => {
    await expect(run("exit", { code: 7 })).rejects.toMatchObject({
      code: "child-crashed",
      message: expect.stringContaining("exit code 7"),
    });
  });
});
