// A task that starts a process of its own and then works for ever, saying nothing.
import { spawn } from "node:child_process";

process.once("message", () => {
  spawn(process.execPath, ["-e", "for (;;) {}"], { stdio: "ignore" });
  process.send({ type: "progress", progress: process.pid });
  setImmediate(() => {
    for (;;);
  });
});
