// A parent whose child never ends by itself. Arguments: folder, and what the child does: "spin" or "wait". It prints the
// child's process id once the child has begun.
import { writeSync } from "node:fs";

import { runChild } from "../../../dist/process/run-child.js";

const [folder, what] = process.argv.slice(2);
await runChild(new URL("./busy-child.mjs", import.meta.url), what, {
  folder,
  signal: new AbortController().signal,
  timeoutSeconds: 600,
  onProgress: (pid) => writeSync(1, `${String(pid)}\n`),
});
