/**
 * The reason why a wait or an attempt was stopped. The cause decides what the stop means for the job. A signal that
 * stops an attempt is aborted with a `Stop` as its reason and with nothing else.
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
