// A parent whose kernel denies a call of Landlock. It prints the report of the probe of its children, or the code and message
// of its error. Arguments: a folder; "create" (ENOSYS, as before Linux 5.13) or "restrict" (EINVAL, as no kernel of its version).
import { mkdtempSync } from "node:fs";
import path from "node:path";

import koffi from "koffi";

import { probeChildren } from "../../../dist/process/probe-children.js";
import { loadSystemCalls } from "../../../dist/process/system-calls.js";

const [loadWord, jumpIfEqual, answer] = [0x20, 0x15, 0x06];
const [createRuleset, restrictSelf, allow, fail] = [444, 446, 0x7fff_0000, 0x0005_0000];
const [refused, errno] = process.argv[3] === "create" ? [createRuleset, 38] : [restrictSelf, 22];
const program = Buffer.alloc(32);
[
  [loadWord, 0, 0, 0],
  [jumpIfEqual, 0, 1, refused],
  [answer, 0, 0, fail | errno],
  [answer, 0, 0, allow],
].forEach(([code, jumpTrue, jumpFalse, value], index) => {
  program.writeUInt16LE(code, index * 8);
  program.writeUInt8(jumpTrue, index * 8 + 2);
  program.writeUInt8(jumpFalse, index * 8 + 3);
  program.writeUInt32LE(value, index * 8 + 4);
});
loadSystemCalls().linux.filter(process.arch, program);
const version = koffi.load(null).func("syscall", "long", ["long", "void *", "size_t", "uint"]);
if (refused === createRuleset && version(createRuleset, null, 0, 1) !== -1)
  throw new Error("The kernel still has Landlock.");
const folder = mkdtempSync(path.join(process.argv[2], "probe-"));
const said = await probeChildren(folder, new AbortController().signal).catch(({ code, message }) => ({
  code,
  message,
}));
process.stdout.write(JSON.stringify(said));
