/** Aborts when nothing, or too little, moved for a while; neither fetch nor its relatives have such a watch. */
export interface StallGuard extends Disposable {
  readonly signal: AbortSignal;
  /** Bytes went either way, or something else that is enough by itself. */
  moved(byteCount?: number): void;
}

/** @param leastBytes how much must move in `stallSeconds`, so that a byte now and then is a stall too */
export function createStallGuard(stallSeconds: number, leastBytes = 1): StallGuard {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), stallSeconds * 1000);
  let movedBytes = 0;
  return {
    signal: controller.signal,
    moved: (byteCount = leastBytes) => {
      movedBytes += byteCount;
      if (movedBytes < leastBytes) return;
      movedBytes = 0;
      timer.refresh();
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
