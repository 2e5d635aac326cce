/** Result of one check. */
export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean;
  /** Whether a worker can run, but the operator may not want this. */
  readonly warning?: boolean;
  /** Says what was found and, where it is wrong, how to fix it. */
  readonly message: string;
}
