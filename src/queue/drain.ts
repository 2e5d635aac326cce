import type { Log } from "../log.js";
import { Stop } from "../async/stop.js";
import type { Slots } from "./slots.js";

/** Waits for the running attempts during the drain time. Then it interrupts the others and waits until they have ended. */
export async function drain(
  slots: Slots,
  drainSeconds: number,
  interrupt: AbortController,
  log: Log,
): Promise<void> {
  if (slots.busy === 0) return;
  log.info({ running: slots.busy, drainSeconds }, "claiming no more; waiting for running films");
  const endsAt = performance.now() + drainSeconds * 1000;
  while (slots.busy > 0 && performance.now() < endsAt) {
    await slots.changed(null, (endsAt - performance.now()) / 1000);
  }
  if (slots.busy === 0) return;
  log.info({ running: slots.busy }, "the drain time is over; handing running films back");
  interrupt.abort(shutdown());
  while (slots.busy > 0) await slots.changed(null, null);
}

export function shutdown(): Stop {
  return new Stop("shutdown", "The worker is shutting down.");
}
