// Runs one of many small actions, chosen by its input.
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import {
  appendFileSync,
  existsSync,
  linkSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";

import { serveTask } from "../../../dist/process/serve-task.js";
import { tryDenied } from "../../../dist/process/try-denied.js";

const told = (emitter, event) =>
  new Promise((resolve, reject) => emitter.once(event, resolve).once("error", reject));

const inWorker = async (name, ...args) => {
  const code = `const { parentPort } = require("node:worker_threads");
    try { require("node:fs").${name}(...${JSON.stringify(args)}); parentPort.postMessage("done"); }
    catch (error) { parentPort.postMessage(error.code); }`;
  const said = await told(new Worker(code, { eval: true }), "message");
  if (said !== "done") throw Object.assign(new Error(name), { code: said });
};

/** Writes to a channel that may be full. */
const writeAll = (file, text) => {
  for (let left = Buffer.from(text); left.length > 0;) {
    try {
      left = left.subarray(writeSync(file, left));
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
};

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
  // The kernel would signal the parent whenever data can be read here.
  "kernel-signal": async () => {
    const { default: koffi } = await import("koffi");
    const fcntl = koffi.load(null).func("fcntl", "int", ["int", "int", "long"]);
    const setOwner = 8;
    if (fcntl(0, setOwner, process.ppid) === 0) return "set";
    throw Object.assign(new Error("fcntl"), { code: koffi.errno() === 13 ? "EACCES" : koffi.errno() });
  },
  // Returns the error with which the kernel answers a request for a ring; 0 when it gives one.
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
  capabilities: () => /^CapEff:\s+(\w+)$/m.exec(readFileSync("/proc/self/status", "utf8"))[1],
  surroundings: () => ({
    cwd: process.cwd(),
    files: readdirSync("."),
    environment: { ...process.env },
    commandLine: process.argv,
  }),
  "write-outside": ({ outside }) => writeFileSync(outside, "x"),
  "write-outside-later": async ({ outside }) => await writeFile(outside, "x"),
  "write-outside-in-worker": async ({ outside }) => {
    await inWorker("writeFileSync", outside, "x");
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
  read: ({ outside }) => readFileSync(outside, "utf8"),
  "read-later": async ({ outside }) => await readFile(outside, "utf8"),
  "read-in-worker": async ({ outside }) => await inWorker("readFileSync", outside, "utf8"),
  "read-folder": ({ outside }) => readdirSync(dirname(outside)),
  "read-by-link": ({ outside }) => {
    linkSync(outside, "link");
    return readFileSync("link", "utf8");
  },
  "read-by-ffmpeg": async ({ outside }) => {
    const { FFmpegError, FormatContext } = await import("node-av/lib");
    const result = await new FormatContext().openInput(outside, null, null);
    throw Object.assign(new Error("open"), { code: FFmpegError.strerror(result) });
  },
  "read-by-sharp": async ({ outside }) => {
    const { default: sharp } = await import("sharp");
    await sharp(outside).metadata();
  },
  // Makes each thread of this process, including those of V8, create a folder: the handler of a signal is mkdirat(2). Its
  // first argument, the folder, is the signal's number, and its second, the name, is the kernel's record of the signal.
  "make-by-threads": async ({ outside }) => {
    const { default: koffi } = await import("koffi");
    const library = koffi.load(null);
    const find = library.func("dlsym", "void *", ["void *", "str"]);
    const dup2 = library.func("dup2", "int", ["int", "int"]);
    const sigaction = library.func("sigaction", "int", ["int", "void *", "void *"]);
    const tgkill = library.func("syscall", "long", ["long", "int", "int", "int"]);
    const [signal, siginfoAndRestart, asPlace] = [40, 0x1000_0004, 0o10_000_000];
    dup2(openSync(outside, asPlace), signal);
    const action = Buffer.alloc(152);
    action.writeBigUInt64LE(koffi.address(find(null, "mkdirat")), 0);
    action.writeInt32LE(siginfoAndRestart, 136);
    sigaction(signal, action, null);
    const made = join(outside, String.fromCodePoint(signal));
    const threads = readdirSync("/proc/self/task").map(Number);
    let count = 0;
    for (const thread of threads) {
      tgkill(process.arch === "x64" ? 234 : 131, process.pid, thread, signal);
      for (let waits = 0; waits < 100 && !existsSync(made); waits += 1)
        await new Promise((resolve) => setTimeout(resolve, 5));
      if (!existsSync(made)) continue;
      count += 1;
      try {
        rmdirSync(made);
      } catch {
        // This thread is sandboxed, and that one was not.
        break;
      }
    }
    return { threads: threads.length, made: count };
  },
  "try-refused": async (places) => await tryDenied(places),
  say: async ({ bytes, times }) => {
    for (let count = 0; count < times; count += 1) writeAll(3, "x".repeat(bytes));
    await new Promise(() => undefined);
  },
  "say-line": async ({ line }) => {
    writeAll(3, `${line}\n`);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
  },
  // Sends an open file with a byte, as Node's own channel accepts them.
  "hand-over": async () => {
    const { default: koffi } = await import("koffi");
    const sendmsg = koffi.load(null).func("sendmsg", "long", ["int", "void *", "int"]);
    const [text, control, vector, message] = [1, 24, 16, 56].map((size) => Buffer.alloc(size));
    text.write("\n");
    control.writeBigUInt64LE(20n, 0);
    control.writeInt32LE(1, 8);
    control.writeInt32LE(1, 12);
    control.writeInt32LE(openSync("/dev/zero"), 16);
    vector.writeBigUInt64LE(koffi.address(text), 0);
    vector.writeBigUInt64LE(1n, 8);
    message.writeBigUInt64LE(koffi.address(vector), 16);
    message.writeBigUInt64LE(1n, 24);
    message.writeBigUInt64LE(koffi.address(control), 32);
    message.writeBigUInt64LE(24n, 40);
    if (sendmsg(3, message, 0) === 1) return "sent";
    throw Object.assign(new Error("sendmsg"), { code: koffi.errno() === 13 ? "EACCES" : koffi.errno() });
  },
  limits: () => readFileSync("/proc/self/limits", "utf8"),
  spin: () => {
    for (;;);
  },
  sleep: async () => await new Promise(() => setInterval(() => undefined, 1000)),
  // Is stopped and continued later, as on a machine whose cores are all busy.
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
  // Ends like libraries that cannot continue without memory.
  abort: ({ findErrorLine }) => {
    writeSync(2, findErrorLine);
    process.abort();
  },
  // Waits until the test makes the file.
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
