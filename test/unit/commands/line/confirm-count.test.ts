import { PassThrough } from "node:stream";

import { describe, expect, it } from "vitest";

import { confirmCount } from "../../../../dist/commands/line/confirm-count.js";
import type { CommandContext } from "../../../../dist/commands/context.js";
import { Stop } from "../../../../dist/async/stop.js";

/** A terminal that sends these keys after the question. */
function openTerminal(keys: string, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const screen = Object.assign(new PassThrough(), { isTTY });
  const stopping = new AbortController();
  let shown = "";
  screen.setEncoding("utf8").on("data", (piece: string) => {
    const wasAsked = shown.includes("to continue: ");
    shown += piece;
    if (!wasAsked && shown.includes("to continue: ")) {
      if (keys === "SIGTERM") stopping.abort(new Stop("shutdown", "SIGTERM was received."));
      else input.write(keys);
    }
  });
  const context = { input, screen, signal: stopping.signal } as unknown as CommandContext;
  return { context, shown: () => shown };
}

const confirm = async (keys: string): Promise<void> =>
  await confirmCount(openTerminal(keys).context, 3, "3 jobs would be cancelled", undefined);

describe("confirmCount", () => {
  it("accepts the right number", async () => {
    await expect(confirm("3\r")).resolves.toBeUndefined();
    await expect(confirm(" 3 \r")).resolves.toBeUndefined();
  });

  it("rejects another number, and an empty answer", async () => {
    await expect(confirm("2\r")).rejects.toMatchObject({
      code: "not-confirmed",
      message: 'The number is 3, not "2": nothing was changed.',
    });
    await expect(confirm("\r")).rejects.toMatchObject({ code: "not-confirmed" });
  });

  it("treats Ctrl-C as a stop and Ctrl-D as a no", async () => {
    await expect(confirm("\u0003")).rejects.toMatchObject({ name: "Stop", why: "shutdown" });
    await expect(confirm("\u0004")).rejects.toMatchObject({
      code: "not-confirmed",
      message: "No number was given: nothing was changed.",
    });
  });

  it("does not wait for an answer once the process was told to stop", async () => {
    await expect(confirm("SIGTERM")).rejects.toMatchObject({ name: "Stop", why: "shutdown" });
  });

  it("asks nothing without a terminal", async () => {
    const { context, shown } = openTerminal("3\r", false);
    await expect(confirmCount(context, 3, "3 jobs would be cancelled", undefined)).rejects.toMatchObject({
      code: "not-confirmed",
      message: "3 jobs would be cancelled: confirm it with --confirm 3.",
    });
    expect(shown()).toBe("");
  });
});
