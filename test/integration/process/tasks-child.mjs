// Does one of many small things, chosen by its input.
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import {
  appendFileSync,
  existsSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { Worker } from "node:worker_threads";

import { serveTask } from "../../../dist/process/serve-task.js";

const told = (emitter, event) =>
  new Promise((resolve, reject) => emitter.once(event, resolve).once("error", reject));

const tasks = {
  tcp: async ({ port }) => await told(connect(port, "127.0.0.1"), "connect"),
  udp: async ({ port }) =>
    await new Promise((resolve, reject) => {
      const socket = createSocket("udp4").once("error", reject);
      socket.send("x", port, "127.0.0.1", (error) => (error ? reject(error) : resolve("sent")));
    }),
  unix: async ({ socket }) => await told(connect(socket), "connect"),
  dns: async () => await lookup("localhost.example"),
  exec: async () => await told(spawn(process.execPath, ["-e", ""], { stdio: "ignore" }), "exit"),
  signal: async () => process.kill(process.ppid, 0),
  "worker-tcp": async ({ port }) => {
    const code = `require("node:net").connect(${port}, "127.0.0.1")
      .on("connect", () => require("node:worker_threads").parentPort.postMessage("connect"))`;
    return await told(new Worker(code, { eval: true }), "message");
  },
  "wide-limit": async () => {
    const { default: koffi } = await import("koffi");
    const limit = koffi.pointer(koffi.struct({ rlim_cur: "uint64", rlim_max: "uint64" }));
    const setrlimit = koffi.load(null).func("setrlimit", "int", ["int", limit]);
    if (setrlimit(7, { rlim_cur: 5000, rlim_max: 5000 }) === 0) return "raised";
    throw Object.assign(new Error("setrlimit"), { code: koffi.errno() === 13 ? "EACCES" : koffi.errno() });
  },
  // The kernel would signal the parent whenever something can be read here.
  "kernel-signal": async () => {
    const { default: koffi } = await import("koffi");
    const fcntl = koffi.load(null).func("fcntl", "int", ["int", "int", "long"]);
    const setOwner = 8;
    if (fcntl(0, setOwner, process.ppid) === 0) return "set";
    throw Object.assign(new Error("fcntl"), { code: koffi.errno() === 13 ? "EACCES" : koffi.errno() });
  },
  // Which error the kernel answers who asks for a ring; 0 when it gives one.
  ring: async () => {
    const { default: koffi } = await import("koffi");
    const setup = koffi.load(null).func("syscall", "long", ["long", "uint", "void *"]);
    return setup(425, 4, Buffer.alloc(120)) >= 0 ? 0 : koffi.errno();
  },
  "parent-environment": () => readFileSync(`/proc/${process.ppid}/environ`, "utf8"),
  "parent-memory": () => openSync(`/proc/${process.ppid}/mem`, "r") > 0,
  files: () =>
    readdirSync("/proc/self/fd").flatMap((name) => {
      try {
        return [readlinkSync(`/proc/self/fd/${name}`)];
      } catch {
        return [];
      }
    }),
  powers: () => /^CapEff:\s+(\w+)$/m.exec(readFileSync("/proc/self/status", "utf8"))[1],
  surroundings: () => ({
    cwd: process.cwd(),
    files: readdirSync("."),
    environment: { ...process.env },
    commandLine: process.argv,
  }),
  "write-outside": ({ outside }) => writeFileSync(outside, "x"),
  "write-outside-later": async ({ outside }) => await writeFile(outside, "x"),
  "write-outside-in-worker": async ({ outside }) => {
    const code = `const { parentPort } = require("node:worker_threads");
      try { require("node:fs").writeFileSync(${JSON.stringify(outside)}, "x"); parentPort.postMessage("written"); }
      catch (error) { parentPort.postMessage(error.code); }`;
    const said = await told(new Worker(code, { eval: true }), "message");
    throw Object.assign(new Error("write"), { code: said });
  },
  "remove-outside": ({ precious }) => rmSync(precious),
  "link-inside": ({ path, precious }) => symlinkSync(precious, path),
  "write-inside": async ({ path }) => {
    await mkdir(`${path}-folder`);
    await writeFile(`${path}-folder/file`, "x");
    renameSync(`${path}-folder/file`, path);
    rmSync(`${path}-folder`, { recursive: true });
    return readFileSync(path, "utf8");
  },
  limits: () => readFileSync("/proc/self/limits", "utf8"),
  spin: () => {
    for (;;);
  },
  sleep: async () => await new Promise(() => setInterval(() => undefined, 1000)),
  // Stopped by somebody, and going on later, as on a machine whose cores all others have.
  stopped: async ({ seconds }) => {
    const { pid } = process;
    const parent = process.ppid;
    spawn("/bin/sh", ["-c", `kill -STOP ${pid}; sleep ${seconds}; kill -CONT ${pid}`], {
      detached: true,
      stdio: "ignore",
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    return parent > 0;
  },
  "full-disk": () => writeFileSync("/dev/full", "x"),
  heap: () => {
    for (const kept = []; ;) kept.push(Array.from({ length: 1000 }, Math.random));
  },
  buffers: () => {
    for (const kept = []; ;) kept.push(Buffer.alloc(16 * 1024 * 1024, 1));
  },
  webassembly: () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
    for (;;) {
      const begin = memory.grow(256) * 65_536;
      new Uint8Array(memory.buffer, begin).fill(1);
    }
  },
  "one-file": ({ path }) => {
    for (;;) appendFileSync(path, Buffer.alloc(1024 * 1024));
  },
  "many-files": ({ path }) => {
    for (let count = 0; ; count += 1) writeFileSync(`${path}-${count % 100}`, Buffer.alloc(1024 * 1024));
  },
  "open-files": ({ path }) => {
    for (;;) openSync(path, "a");
  },
  die: ({ signalName }) => {
    process.kill(process.pid, signalName);
    return new Promise(() => undefined);
  },
  // As the libraries do it that cannot go on without memory.
  abort: ({ lastWords }) => {
    writeSync(2, lastWords);
    process.abort();
  },
  // Until the test makes the file.
  wait: async ({ path }) => {
    while (!existsSync(path)) {
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
    return "waited";
  },
  exit: ({ code }) => process.exit(code),
  leave: ({ path }) => {
    writeFileSync("left-in-cwd", "x");
    writeFileSync(path, process.cwd());
    return new Promise(() => undefined);
  },
  ffmpeg: async ({ port }) => {
    const { FFmpegError, FormatContext } = await import("node-av/lib");
    const input = new FormatContext();
    const result = await input.openInput(`tcp://127.0.0.1:${port}`, null, null);
    throw Object.assign(new Error("open"), { code: FFmpegError.strerror(result) });
  },
  threads: async () => {
    const { default: sharp } = await import("sharp");
    const { data } = await sharp({ create: { width: 64, height: 64, channels: 3, background: "red" } })
      .blur(2)
      .raw()
      .toBuffer({ resolveWithObject: true });
    return data[0];
  },
};

serveTask(async ({ what, ...rest }, report) => {
  report("begun");
  try {
    return { answer: await tasks[what](rest) };
  } catch (error) {
    if (typeof error.code === "string" && !("rethrow" in rest)) return { refused: error.code };
    throw error;
  }
});
