// A parent with a key in its environment. It prints what its child can read of it. Arguments: folder, "protected" or "bare".
import { openSync } from "node:fs";

import koffi from "koffi";

import { protectProcess } from "../../../dist/process/protect-process.js";
import { runChild } from "../../../dist/process/run-child.js";

const [folder, protection] = process.argv.slice(2);
// A file that the process that started this one left open, with a number that Node itself does not check.
koffi.load(null).func("int dup2(int, int)")(openSync("/dev/zero"), 200);
if (protection === "protected") {
  const failure = protectProcess();
  if (failure !== null) throw new Error(failure);
}
const task = new URL("./tasks-child.mjs", import.meta.url);
// The child is not confined, so that only the protection of the parent is tested.
const look = async (what) =>
  await runChild(
    task,
    { what },
    { folder, signal: new AbortController().signal, timeoutSeconds: 60, isConfined: false },
  );
process.stdout.write(
  JSON.stringify({
    uid: process.getuid(),
    environment: await look("parent-environment"),
    memory: await look("parent-memory"),
    files: await look("files"),
    capabilities: await look("capabilities"),
  }),
);
