// Is ended by SIGTERM while it is loaded, as a process that has not begun, until it was started as often as the file
// "lives" in the folder above its own says; then it answers.
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
