/** Aborts when nothing moved for a while; neither fetch nor its relatives have such a watch of their own. */
export interface StallGuard extends Disposable {
  readonly signal: AbortSignal;
  /** Bytes went either way. */
  moved(): void;
}

export function createStallGuard(stallSeconds: number): StallGuard {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), stallSeconds * 1000);
  return {
    signal: controller.signal,
    moved: () => void timer.refresh(),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
