import { createLog } from "../../../dist/log.js";
import type { Attempt, AttemptHandler } from "../../../dist/queue/attempt.js";
import type { ConsumeOptions } from "../../../dist/queue/consume-options.js";
import { consume, type ConsumeSummary } from "../../../dist/queue/consumer.js";
import type { Database } from "../../../dist/database/database.js";
import type { AttemptReport } from "../../../dist/queue/attempt.js";

/** A consumer under test, whose attempts can be waited for. */
export interface RunningConsumer extends AsyncDisposable {
  readonly reports: readonly AttemptReport[];
  /** The next attempt that starts, or one that started and was not asked for yet. */
  readonly started: () => Promise<Attempt>;
  readonly ended: () => Promise<AttemptReport>;
  readonly stop: () => void;
  readonly summary: Promise<ConsumeSummary>;
}

export function runConsumer(
  database: Database,
  handler: AttemptHandler,
  options: Partial<ConsumeOptions> = {},
): RunningConsumer {
  const controller = new AbortController();
  const starts = createEvents<Attempt>();
  const ends = createEvents<AttemptReport>();
  const reports: AttemptReport[] = [];
  const summary = consume({
    database,
    handler,
    workerName: "worker-a",
    slots: 1,
    log: createLog("silent", false),
    signal: controller.signal,
    busyPollSeconds: 0.02,
    idlePollSeconds: 0.05,
    heartbeatSeconds: 0.05,
    drainSeconds: 0,
    onAttemptStart: starts.put,
    onAttemptEnd: (report) => {
      reports.push(report);
      ends.put(report);
    },
    ...options,
  });
  return {
    reports,
    started: starts.take,
    ended: ends.take,
    stop: () => controller.abort(),
    summary,
    [Symbol.asyncDispose]: async () => {
      controller.abort();
      await summary;
    },
  };
}

/** A handler that works until it is stopped, as a real one does: it throws what it was stopped with. */
export const workUntilStopped: AttemptHandler = async ({ signal }) => {
  signal.throwIfAborted();
  await new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  throw new Error("unreachable");
};

/** A door that opens once. */
export function createGate(): { readonly open: () => void; readonly opened: Promise<void> } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

function createEvents<Event>(): { put: (event: Event) => void; take: () => Promise<Event> } {
  const events: Event[] = [];
  const takers: ((event: Event) => void)[] = [];
  return {
    put: (event) => {
      const taker = takers.shift();
      if (taker === undefined) events.push(event);
      else taker(event);
    },
    take: async () => {
      const event = events.shift();
      return event ?? (await new Promise<Event>((resolve) => takers.push(resolve)));
    },
  };
}
