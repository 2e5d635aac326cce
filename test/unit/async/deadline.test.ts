import { describe, expect, it } from "vitest";

import { openDeadline } from "../../../dist/async/deadline.js";

describe("openDeadline", () => {
  it("aborts with its own reason when the time is over", async () => {
    using deadline = openDeadline({ seconds: 0.01, reason: () => new Error("too late") });
    await expect(deadline.passed()).rejects.toThrow("too late");
    expect(deadline.isOver()).toBe(true);
  });

  it("aborts with the reason of its parent, also of one that was aborted before, and is not over then", () => {
    const parent = new AbortController();
    using deadline = openDeadline({ seconds: 60, parent: parent.signal });
    expect(deadline.signal.aborted).toBe(false);
    parent.abort(new Error("stopped"));
    for (const one of [deadline, openDeadline({ seconds: null, parent: parent.signal })]) {
      expect(one.signal.reason).toMatchObject({ message: "stopped" });
      expect(one.isOver()).toBe(false);
    }
  });

  it("aborts a grace after its parent, with its own reason", async () => {
    const startedAt = performance.now();
    const parent = AbortSignal.abort(new Error("stopped"));
    const reason = () => new Error("the grace is over");
    using deadline = openDeadline({ seconds: null, parent, graceSeconds: 0.05, reason });
    expect(deadline.signal.aborted).toBe(false);
    await expect(deadline.passed()).rejects.toThrow("the grace is over");
    expect(performance.now() - startedAt).toBeGreaterThan(45);
  });

  it("never aborts after it was disposed", async () => {
    const parent = new AbortController();
    const deadline = openDeadline({ seconds: 0.01, parent: parent.signal });
    deadline[Symbol.dispose]();
    parent.abort();
    using later = openDeadline({ seconds: 0.03 });
    await later.passed().catch(() => undefined);
    expect(deadline.signal.aborted).toBe(false);
  });
});
