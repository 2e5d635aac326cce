// A task that starts a process and then works forever without reporting anything.
import { spawn } from "node:child_process";

import { serveTask } from "../../../dist/process/serve-task.js";

serveTask(async (_input, report) => {
  spawn(process.execPath, ["-e", "for (;;) {}"], { stdio: "ignore" });
  report(process.pid);
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  for (;;);
});
