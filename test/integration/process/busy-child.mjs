// Reports that it has begun, then works ("spin") or waits ("wait") forever.
import { serveTask } from "../../../dist/process/serve-task.js";

serveTask(async (what, report) => {
  report(process.pid);
  await new Promise((resolve) => {
    setTimeout(resolve, what === "spin" ? 20 : 600_000);
  });
  for (;;);
});
