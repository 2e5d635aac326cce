import { describe, expect, it } from "vitest";

import { backoffSeconds, retry } from "../../../dist/async/retry.js";
import { KeepsakeError } from "../../../dist/errors.js";

const never = new AbortController().signal;
const quick = { signal: never, firstDelaySeconds: 0.001 };

/** Fails with each of the errors in turn, then returns how often it was called. */
function failing(...errors: readonly Error[]): { readonly run: () => Promise<number>; calls: number } {
  const counted = {
    calls: 0,
    run: async () => {
      const error = errors[counted.calls];
      counted.calls += 1;
      if (error !== undefined) throw error;
      return counted.calls;
    },
  };
  return counted;
}

function away(retryAfterSeconds: number | null = null): KeepsakeError {
  return new KeepsakeError("storage-unavailable", "Storage is away.", { retryAfterSeconds });
}

describe("retry", () => {
  it("tries again after errors of the world and after no others", async () => {
    expect(await retry(failing(away(), away()).run, quick)).toBe(3);
    for (const error of [new KeepsakeError("storage-bucket-missing", "Missing."), new TypeError("a bug")]) {
      const task = failing(away(), error);
      await expect(retry(task.run, quick)).rejects.toBe(error);
      expect(task.calls).toBe(2);
    }
  });

  it("throws the last error after the maximum of retries", async () => {
    const last = away();
    const task = failing(away(), last, away());
    await expect(retry(task.run, { ...quick, maxRetries: 1 })).rejects.toBe(last);
    expect(task.calls).toBe(2);
  });

  it("throws the error when the delay that the other side asks for is longer than the limit", async () => {
    const error = away(60);
    await expect(retry(failing(error).run, { ...quick, maxSeconds: 1 })).rejects.toBe(error);
  });

  it("starts the limits again when the work advances", async () => {
    let bytes = 0;
    const task = failing(away(), away(), away());
    const run = async (): Promise<number> => {
      bytes += 1;
      return await task.run();
    };
    expect(await retry(run, { ...quick, maxRetries: 1, progress: () => bytes })).toBe(4);
  });

  it("waits for the decision whether an error is worth another try", async () => {
    const asked: string[] = [];
    const isWorthRetrying = async ({ code }: KeepsakeError): Promise<boolean> => {
      asked.push(code);
      return code === "internal";
    };
    const last = new KeepsakeError("database-busy", "Busy.");
    await expect(
      retry(failing(new TypeError("a bug"), last).run, { ...quick, isWorthRetrying }),
    ).rejects.toBe(last);
    expect(asked).toEqual(["internal", "database-busy"]);
  });

  it("throws the reason of the abort during a wait", async () => {
    const controller = new AbortController();
    const run = async (): Promise<never> => {
      setTimeout(() => controller.abort(new Error("stopped")), 5);
      throw away();
    };
    const options = { signal: controller.signal, firstDelaySeconds: 60, maxDelaySeconds: 60 };
    await expect(retry(run, options)).rejects.toThrow("stopped");
  });
});

it("backoffSeconds doubles from the first delay to the maximum", () => {
  expect([0, 1, 2, 3, 9].map((failures) => backoffSeconds(failures, 0.5, 3))).toEqual([0.5, 1, 2, 3, 3]);
});
