import { describe, expect, it } from "vitest";

import { runBoth, mapConcurrent } from "../../../dist/async/map-concurrent.js";
import { Stop } from "../../../dist/async/stop.js";

const { signal: never } = new AbortController();

describe("mapConcurrent", () => {
  it("keeps the order of results and the limit", async () => {
    let running = 0;
    let most = 0;
    const results = await mapConcurrent([3, 1, 2, 0], 2, never, async (turns) => {
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      running -= 1;
      return turns * 10;
    });
    expect(results).toEqual([30, 10, 20, 0]);
    expect(most).toBe(2);
  });

  it("stops the others at the first failure, waits for them, and throws that failure", async () => {
    let otherStopped = false;
    const failing = mapConcurrent(["fails", "waits"], 2, never, async (name, signal) => {
      if (name === "fails") throw new Error("broken");
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      otherStopped = true;
      throw signal.reason as Error;
    });
    await expect(failing).rejects.toThrow("broken");
    expect(otherStopped).toBe(true);
  });

  it("passes on the reason of an abort from outside and starts nothing more", async () => {
    const stopping = new AbortController();
    const started: number[] = [];
    const stopped = mapConcurrent([1, 2, 3], 1, stopping.signal, async (item) => {
      started.push(item);
      stopping.abort(new Stop("cancelled", "An operator said so."));
    });
    await expect(stopped).rejects.toMatchObject({ why: "cancelled" });
    expect(started).toEqual([1]);
  });
});

describe("runBoth", () => {
  it("gives both results", async () => {
    const both = runBoth(
      never,
      async () => "picture",
      async () => 48_000,
    );
    expect(await both).toEqual(["picture", 48_000]);
  });
});
