// A parent whose kernel says that it has no Landlock (ENOSYS), as one before Linux 5.13: prints what the probe of its
// children says. Argument: a folder.
import { mkdtempSync } from "node:fs";
import path from "node:path";

import koffi from "koffi";

import { probeChildren } from "../../../dist/process/probe-children.js";
import { loadSystemCalls } from "../../../dist/process/system-calls.js";

const [loadWord, jumpIfEqual, answer] = [0x20, 0x15, 0x06];
const [createRuleset, allow, fail, enosys] = [444, 0x7fff_0000, 0x0005_0000, 38];
const program = Buffer.alloc(32);
[
  [loadWord, 0, 0, 0],
  [jumpIfEqual, 0, 1, createRuleset],
  [answer, 0, 0, fail | enosys],
  [answer, 0, 0, allow],
].forEach(([code, jumpTrue, jumpFalse, value], index) => {
  program.writeUInt16LE(code, index * 8);
  program.writeUInt8(jumpTrue, index * 8 + 2);
  program.writeUInt8(jumpFalse, index * 8 + 3);
  program.writeUInt32LE(value, index * 8 + 4);
});
loadSystemCalls().linux.filter(process.arch, program);
if (
  koffi.load(null).func("syscall", "long", ["long", "void *", "size_t", "uint"])(
    createRuleset,
    null,
    0,
    1,
  ) !== -1
)
  throw new Error("The kernel still has Landlock.");
const folder = mkdtempSync(path.join(process.argv[2], "probe-"));
process.stdout.write(JSON.stringify(await probeChildren(folder, new AbortController().signal)));
