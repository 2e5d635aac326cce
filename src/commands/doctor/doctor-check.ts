/** Result of one check. */
export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean;
  /** True: a worker can run, but something may not be what the operator wants. */
  readonly warning?: boolean;
  /** One or more sentences: what was found and, where it is wrong, how to fix it. */
  readonly message: string;
}
