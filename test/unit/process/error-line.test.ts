import { expect, it } from "vitest";

import { findErrorLine } from "../../../dist/process/error-line.js";

it.each([
  [
    "the line of libuv before an abort",
    `libuv: io_uring_enter(getevents): Permission denied
----- Native stack trace -----

 1: 0xd4ace0  [node]
 2: 0xf6c56f v8::internal::FunctionCallbackArguments::Call(v8::internal::CallHandlerInfo) [node]

----- JavaScript stack trace -----

1: [eval]:1:9
2: runScriptInThisContext (node:internal/vm:209:10)

`,
    "libuv: io_uring_enter(getevents): Permission denied",
  ],
  [
    "an error that was not caught",
    `node:internal/modules/cjs/loader:1215
  throw err;
  ^

Error: Cannot find module '/nope/a'
Require stack:
- /app/[eval]
    at Module._resolveFilename (node:internal/modules/cjs/loader:1212:15)
    at node:internal/main/eval_string:51:3 {
  code: 'MODULE_NOT_FOUND',
  requireStack: [ '/app/[eval]' ]
}

Node.js v20.19.0
`,
    "Error: Cannot find module '/nope/a'",
  ],
  [
    "an error with a code in its name",
    `        ^

Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'sharp' imported from /app/x.js
    at packageResolve (node:internal/modules/esm/resolve:873:9) {
  code: 'ERR_MODULE_NOT_FOUND'
}

Node.js v26.10.0`,
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'sharp' imported from /app/x.js",
  ],
  [
    "the dynamic linker",
    "node: error while loading shared libraries: libstdc++.so.6: file too short\n",
    "node: error while loading shared libraries: libstdc++.so.6: file too short",
  ],
  ["an option that is refused", "node: bad option: --nope\n", "node: bad option: --nope"],
])("quotes %s", (_what, tail, line) => {
  expect(findErrorLine(tail)).toBe(line);
});

it("finds no error line when nothing useful was written", () => {
  expect(findErrorLine("")).toBeNull();
  expect(findErrorLine("\n    at x (y:1:2)\n\nNode.js v24.0.0\n")).toBeNull();
});

it("returns one short line without control characters", () => {
  const said = findErrorLine(`bad \u001B[31m\u202E${"x".repeat(5_000)}\n`) ?? "";
  expect(said).toMatch(/^bad \\u001b\[31m\\u202ex+…$/);
  expect(said).toHaveLength(200);
});

it("never returns a line that contains a key", () => {
  expect(findErrorLine("cannot reach postgres://user:secret@host/db\n")).toBeNull();
  expect(findErrorLine(`refused sb_secret_${"a".repeat(20)}\n`)).toBeNull();
});
