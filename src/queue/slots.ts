/** Limits how many attempts run at once, and waits for one of them to end. */
export class Slots {
  readonly #running = new Set<Promise<void>>();
  readonly #count: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#count = count;
  }

  get busy(): number {
    return this.#running.size;
  }

  get free(): number {
    return this.#count - this.#running.size;
  }

  /** Runs a task in a slot. The task must not reject. */
  run(task: () => Promise<void>): void {
    const running = task().finally(() => {
      this.#running.delete(running);
      for (const wake of this.#waiting) wake();
    });
    this.#running.add(running);
  }

  /** Waits until a slot frees, the time is over or the signal is aborted, whichever comes first. */
  async changed(signal: AbortSignal | null, seconds: number | null): Promise<void> {
    if (signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = seconds === null ? undefined : setTimeout(wake, seconds * 1000);
      signal?.addEventListener("abort", wake, { once: true });
      this.#waiting.add(wake);
    });
  }
}
