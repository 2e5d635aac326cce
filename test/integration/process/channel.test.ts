import { readdirSync, readlinkSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { runTask } from "./run-task.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();

describe("the channel of a child", () => {
  it.each([
    { name: "one endless answer", bytes: 1024 * 1024 + 1, times: 1 },
    { name: "an answer in many pieces", bytes: 10_000, times: 300 },
  ])("is closed, and the child killed, for $name", async ({ bytes, times }) => {
    const ended = runTask("say", { bytes, times }, { folder });
    await expect(ended).rejects.toMatchObject({
      code: "child-answer-refused",
      message: expect.stringContaining("sent more than its limit of 1024 KiB, and was killed"),
    });
  });

  it.each([
    "no JSON",
    "null",
    "[1]",
    '{"type":"done"}',
    '{"type":"done","usage":{"cpuSeconds":"1","peakMib":1}}',
    '{"type":"failed","usage":{"cpuSeconds":1,"peakMib":1},"error":null}',
    '{"type":"failed","usage":{"cpuSeconds":1,"peakMib":1},"error":{"code":1,"message":"x","stack":"x"}}',
  ])("rejects an answer that no child sends: %s", async (line) => {
    await expect(runTask("say-line", { line }, { folder })).rejects.toMatchObject({
      code: "child-answer-refused",
      message: expect.stringContaining("sent a malformed answer"),
    });
  });

  it("handles the first of many wrong answers, and reads no other", async () => {
    const line = "\n".repeat(900_000);
    await expect(runTask("say-line", { line }, { folder })).rejects.toMatchObject({
      code: "child-answer-refused",
      message: expect.stringContaining("sent a malformed answer"),
    });
  });

  it("accepts an answer as large as the limit", async () => {
    const line = JSON.stringify({
      type: "done",
      output: { answer: "x".repeat(1_000_000) },
      usage: { cpuSeconds: 1, peakMib: 1 },
    });
    expect(await runTask("say-line", { line }, { folder })).toEqual({ answer: "x".repeat(1_000_000) });
  });

  it.runIf(process.platform === "linux")(
    "accepts no open file, and a confined child cannot send one",
    async () => {
      expect(await runTask("hand-over", {}, { folder })).toEqual({ refused: "EACCES" });
      const ended = runTask("hand-over", {}, { folder, isConfined: false });
      // The byte that carries the file is not an answer.
      await expect(ended).rejects.toMatchObject({ code: "child-answer-refused" });
      const open = readdirSync("/proc/self/fd").flatMap((name) => {
        try {
          return [readlinkSync(`/proc/self/fd/${name}`)];
        } catch {
          return [];
        }
      });
      expect(open).not.toContain("/dev/zero");
    },
  );
});
