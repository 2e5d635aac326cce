/** One thing that is as it should be, or not. */
export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean;
  /** Nothing keeps a worker from running, and yet it may not be as it was meant. */
  readonly warning?: boolean;
  /** What was found; where it is wrong, how to fix it. */
  readonly message: string;
}
