import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { watchLease } from "../../../dist/queue/lease-watch.js";
import type { Stop } from "../../../dist/async/stop.js";

const lease = { leaseSeconds: 120, marginSeconds: 15 };
const why = (signal: AbortSignal): string | null => (signal.aborted ? (signal.reason as Stop).why : null);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("the lease watch ends a margin before the lease, and not while it is renewed", () => {
  using watch = watchLease({ since: performance.now(), ...lease });
  vi.advanceTimersByTime(100_000);
  watch.renew(performance.now() - 1_000);
  vi.advanceTimersByTime(103_999);
  expect(why(watch.signal)).toBeNull();
  vi.advanceTimersByTime(1);
  expect(why(watch.signal)).toBe("out-of-reach");
});

it("the lease watch ends at once where the claim took longer than the lease", () => {
  using watch = watchLease({ since: performance.now() - 110_000, ...lease });
  vi.advanceTimersByTime(0);
  expect(why(watch.signal)).toBe("out-of-reach");
});

it("the lease watch ends as frozen where the process did not run", () => {
  // The timers fire when the process continues, after the end of the lease.
  using watch = watchLease({ since: performance.now() - 121_000, ...lease });
  vi.advanceTimersByTime(0);
  expect(why(watch.signal)).toBe("frozen");
});

it("the lease watch ignores the wall clock", () => {
  using watch = watchLease({ since: performance.now(), ...lease });
  vi.setSystemTime(Date.now() + 86_400_000);
  vi.advanceTimersByTime(104_000);
  expect(why(watch.signal)).toBeNull();
});

it("the lease watch never ends twice, nor after it was disposed", () => {
  const watch = watchLease({ since: performance.now(), ...lease });
  watch[Symbol.dispose]();
  vi.advanceTimersByTime(1_000_000);
  expect(why(watch.signal)).toBeNull();
});
