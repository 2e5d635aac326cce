export interface BenchQueueOptions {
  /** Whether the server waits for its disk. */
  readonly durable: boolean;
  /** Number of jobs of each run at full speed. */
  readonly jobs: number;
  readonly workerCounts: readonly number[];
  /** Number of round trips of each kind. */
  readonly calls: number;
  /** Number of jobs that wait while round trips are measured. */
  readonly waiting: number;
  /** Number of jobs that were archived before. */
  readonly archived: number;
  /** Seconds for which idle workers are observed. */
  readonly idleSeconds: number;
  /** Seconds that they run before they are observed. */
  readonly settleSeconds: number;
  /** Number of jobs that a killed worker leaves behind. */
  readonly recoveryJobs: number;
  /** Lease of those jobs. */
  readonly leaseSeconds: number;
  /** Private and existing folder. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onStep?: (step: string) => void;
}
