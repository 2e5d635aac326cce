/** Aborts a transfer when too few bytes move for a while. Neither fetch nor undici's request has such a limit. */
export interface StallGuard extends Disposable {
  readonly signal: AbortSignal;
  /** Records bytes that were sent or received. Without a number, the call alone restarts the time limit. */
  moved(byteCount?: number): void;
}

/** @param minBytes number of bytes that must move within `stallSeconds`, so that single bytes count as a stall, too */
export function createStallGuard(stallSeconds: number, minBytes = 1): StallGuard {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), stallSeconds * 1000);
  let movedBytes = 0;
  return {
    signal: controller.signal,
    moved: (byteCount = minBytes) => {
      movedBytes += byteCount;
      if (movedBytes < minBytes) return;
      movedBytes = 0;
      timer.refresh();
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
