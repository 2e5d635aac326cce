// Ends by SIGTERM while it is loaded, like a process that has not begun, until it has been started as often as the file
// "lives" in its parent folder says; then it answers.
import { appendFileSync, readFileSync } from "node:fs";

import { serveTask } from "../../../dist/process/serve-task.js";

const lives = Number(readFileSync("../lives", "utf8"));
appendFileSync("../starts", "x");
if (readFileSync("../starts", "utf8").length < lives) {
  process.removeAllListeners("SIGTERM");
  process.kill(process.pid, "SIGTERM");
  await new Promise(() => undefined);
}
serveTask(async () => "answered");
