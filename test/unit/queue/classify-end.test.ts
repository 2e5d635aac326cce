import { describe, expect, it } from "vitest";

import { KeepsakeError } from "../../../dist/errors.js";
import { classifyEnd } from "../../../dist/queue/classify-end.js";
import { Stop } from "../../../dist/async/stop.js";

describe("classifyEnd", () => {
  it.each([
    ["capsule-not-found", "rejected"],
    ["database-unreachable", "failed"],
    ["database-refused", "setup"],
    ["capsule-table-refuses", "setup"],
    ["storage-film-too-large", "setup"],
    ["storage-unavailable", "failed"],
    ["storage-outage", "interrupted"],
    ["child-probe-failed", "interrupted"],
    ["child-stopped", "interrupted"],
    ["child-crashed", "crashed"],
    ["internal", "crashed"],
  ] as const)("an error %s ends the attempt as %s", (code, outcome) => {
    expect(classifyEnd(new KeepsakeError(code, "It broke."), null)).toMatchObject({
      outcome,
      code,
      message: "It broke.",
    });
  });

  it("stores the stacks of a bug and of its cause, and of no other error", () => {
    const cause = new TypeError("x is not a function");
    const bug = classifyEnd(cause, null);
    expect(bug).toMatchObject({ outcome: "crashed", code: "internal" });
    expect("stack" in bug ? bug.stack : "").toMatch(/classify-end\.test[\s\S]*caused by TypeError: x is not/);
    expect(classifyEnd(new KeepsakeError("database-unreachable", "Away."), null)).toMatchObject({
      stack: null,
    });
  });

  it.each([
    ["shutdown", { outcome: "interrupted", code: null }],
    ["lease-lost", { outcome: "lost" }],
    ["out-of-reach", { outcome: "interrupted", code: "database-unreachable", message: "Why." }],
    ["frozen", { outcome: "interrupted", code: "worker-frozen", message: "Why." }],
    ["cancelled", { outcome: "cancelled", code: null }],
    ["timed-out", { outcome: "failed", code: "attempt-timed-out", message: "Why." }],
  ] as const)("a stop %s decides, whatever was thrown", (why, expected) => {
    const thrown = new KeepsakeError("child-crashed", "It was killed.");
    expect(classifyEnd(thrown, new Stop(why, "Why."))).toMatchObject(expected);
  });

  it("a child that was stopped because a sibling failed leaves the outcome to the error", () => {
    const thrown = new KeepsakeError("database-unreachable", "Away.");
    expect(classifyEnd(thrown, new Stop("sibling-failed", "Why."))).toMatchObject({ outcome: "failed" });
  });
});
