export interface DeadlineOptions {
  /** Seconds until the signal is aborted; null: only the parent aborts it. */
  readonly seconds: number | null;
  readonly parent?: AbortSignal | undefined;
  /** Seconds that the work may continue after the parent was aborted. Default 0. */
  readonly graceSeconds?: number;
  /** Makes the reason of an abort that the clock causes. Default: a `TimeoutError`. */
  readonly reason?: () => Error;
}

export interface Deadline extends Disposable {
  /** Aborted when the time is over, or with the parent's reason where there is no grace. */
  readonly signal: AbortSignal;
  /** True when the time was over before the parent was aborted. */
  readonly isOver: () => boolean;
  /** Rejects with the signal's reason when that is aborted; never settles otherwise. */
  readonly passed: () => Promise<never>;
}

/** Opens a deadline: its signal is aborted after a time or by a parent signal. Its timers end when it is disposed. */
export function openDeadline(options: DeadlineOptions): Deadline {
  const { seconds, parent, graceSeconds = 0 } = options;
  const { reason = () => new DOMException(`The work did not end in ${seconds} s.`, "TimeoutError") } =
    options;
  const controller = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  let isOver = false;
  const end = (): void => {
    isOver = !controller.signal.aborted;
    controller.abort(reason());
  };
  const onParent = (): void => {
    if (graceSeconds === 0) controller.abort(parent?.reason);
    else timers.push(setTimeout(end, graceSeconds * 1000));
  };
  if (seconds !== null) timers.push(setTimeout(end, Math.max(0, seconds * 1000)));
  if (parent?.aborted === true) onParent();
  else parent?.addEventListener("abort", onParent, { once: true });
  return {
    signal: controller.signal,
    isOver: () => isOver,
    passed: async () =>
      await new Promise<never>((_resolve, reject) => {
        const fail = (): void => reject(controller.signal.reason as Error);
        if (controller.signal.aborted) fail();
        else controller.signal.addEventListener("abort", fail, { once: true });
      }),
    [Symbol.dispose]: () => {
      for (const timer of timers) clearTimeout(timer);
      parent?.removeEventListener("abort", onParent);
    },
  };
}
