/**
 * Why a wait or a film was stopped. A stop carries its cause, and the cause decides what the stop means.
 * Signals are aborted with a `Stop` as their reason and with nothing else.
 */
export type StopCause =
  | "shutdown"
  | "lease-lost"
  | "out-of-reach"
  | "frozen"
  | "cancelled"
  | "timed-out"
  | "sibling-failed";

export class Stop extends Error {
  override readonly name = "Stop";
  readonly why: StopCause;

  constructor(why: StopCause, message: string) {
    super(message);
    this.why = why;
  }
}
