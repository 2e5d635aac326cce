import { expect, it } from "vitest";

import { toKeepsakeError } from "../../../dist/errors.js";
import { crashed } from "../../../dist/process/child-end.js";

const limits = { memoryMib: 1, openFiles: 1, cpuSeconds: 1, outputMib: 1 };

it.each([
  ["a code of Node", Object.assign(new Error("write failed"), { code: "EDQUOT" })],
  ["a cause", new Error("It failed.", { cause: Object.assign(new Error("write"), { code: "ENOSPC" }) })],
  ["words of libvips", new Error("poster.jpg: unable to write\nsystem error: No space left on device")],
  ["words of a quota", new Error("write error: Disk quota exceeded")],
])("recognises a full disk by %s", (_name, error) => {
  expect(toKeepsakeError(error)).toMatchObject({ code: "disk-full", fault: "setup" });
});

it("recognises a full disk by the error output of a process", () => {
  const end = (stderrTail: string) => ({ failure: null, code: 1, signalName: null, stderrTail });
  const fatal = "Error: ENOSPC: no space left on device, write\n    at writeSync (node:fs:912:3)";
  expect(crashed({ name: "join", end: end(fatal), limits, usage: null })).toMatchObject({
    code: "disk-full",
    fault: "setup",
  });
  expect(crashed({ name: "join", end: end("Error: no such file"), limits, usage: null })).toMatchObject({
    code: "child-crashed",
  });
});

it("recognises no other error as a full disk", () => {
  expect(toKeepsakeError(new Error("There is no space in the name."))).toMatchObject({ code: "internal" });
});
