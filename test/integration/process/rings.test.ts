import { describe, expect, it } from "vitest";

import { runChild } from "../../../dist/process/run-child.js";
import { runProgram } from "../../../dist/process/run-program.js";
import { useFolder } from "../../use-folder.js";

const task = new URL("./tasks-child.mjs", import.meta.url);
const [eacces, enosys] = [13, 38];

const folder = useFolder();

async function run(what: string, isConfined: boolean): Promise<unknown> {
  const { signal } = new AbortController();
  return await runChild(task, { what }, { folder, signal, timeoutSeconds: 60, isConfined });
}

// Since libuv 1.51 Node opens a ring before any code runs; a filter that denies its use makes libuv abort.
describe.runIf(process.platform === "linux")("io_uring", () => {
  it("does not exist for a child, even before it is confined", async () => {
    expect(await run("ring", false)).toEqual({ answer: enosys });
    expect(await run("ring", true)).toEqual({ answer: eacces });
  });

  it("has no open ring in a child", async () => {
    for (const isConfined of [false, true]) {
      const { answer } = (await run("files", isConfined)) as { answer: readonly string[] };
      expect(answer.length).toBeGreaterThan(3);
      expect(answer.filter((name) => name.includes("io_uring"))).toEqual([]);
    }
  });

  it("does not exist for programs, which work without it", async () => {
    await run("ring", true);
    const { signal } = new AbortController();
    const args = ["-e", "require('node:fs').readFile(process.execPath, (e) => process.exit(e ? 1 : 0))"];
    const ended = runProgram(process.execPath, { args, folder, user: null, signal });
    await expect(ended).resolves.toBeUndefined();
  });
});
