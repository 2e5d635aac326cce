/** What the SQL functions should do, in plain words of memory: one clock-less copy of a job's life. */
export interface ModelJob {
  readonly msgId: bigint;
  readonly capsule: number;
  place: "queue" | "archive" | "dead";
  readCount: number;
  visible: boolean;
  failures: number;
  crashes: number;
  attempts: ModelAttempt[];
}

export interface ModelAttempt {
  readonly job: ModelJob;
  readonly readCount: number;
  owned: boolean;
  cancelAsked: boolean;
  outcome: string | null;
  jobState: string | null;
  /** How often the capsule had been changed when it was read. */
  read: number;
}

export type SettledOutcome = "interrupted" | "cancelled" | "failed" | "crashed" | "rejected";

export class JobModel {
  readonly jobs: ModelJob[] = [];
  readonly attempts: ModelAttempt[] = [];
  /** By capsule: the attempt that owns it. */
  readonly owners = new Map<number, ModelAttempt>();
  readonly closed = new Map<number, boolean>();
  /** By capsule: how often it was changed. */
  readonly changes = new Map<number, number>();
  publications = 0;

  send(msgId: bigint, capsule: number): void {
    this.jobs.push({
      msgId,
      capsule,
      place: "queue",
      readCount: 0,
      visible: true,
      failures: 0,
      crashes: 0,
      attempts: [],
    });
  }

  /** The attempt that a claim starts, or null. */
  claim(): ModelAttempt | null {
    for (const job of this.jobs) {
      if (job.place !== "queue" || !job.visible) continue;
      job.readCount += 1;
      job.visible = false;
      const vanished = job.attempts.find(({ outcome }) => outcome === null);
      if (vanished !== undefined) {
        vanished.outcome = vanished.owned ? "crashed" : "interrupted";
        if (vanished.owned) job.crashes += 1;
      }
      if ((job.crashes >= 3 || job.failures >= 5) && !this.#cancelAsked(job)) {
        job.place = "dead";
        this.#wakeDeferred(job.capsule);
        return this.claim();
      }
      const attempt: ModelAttempt = {
        job,
        readCount: job.readCount,
        owned: false,
        cancelAsked: false,
        outcome: null,
        jobState: null,
        read: 0,
      };
      job.attempts.push(attempt);
      this.attempts.push(attempt);
      return attempt;
    }
    return null;
  }

  own(attempt: ModelAttempt): string {
    const { job } = attempt;
    if (attempt.outcome === "deferred") return "deferred";
    if (!this.#holds(attempt)) return "lost";
    const holder = this.owners.get(job.capsule);
    const taken = holder !== undefined && holder.job !== job && this.#holds(holder) && !holder.job.visible;
    if (taken && !this.#cancelAsked(job)) {
      job.visible = false;
      attempt.outcome = "deferred";
      attempt.jobState = "waiting";
      return "deferred";
    }
    if (!taken) {
      attempt.owned = true;
      attempt.read = this.#changesOf(job.capsule);
      this.owners.set(job.capsule, attempt);
    }
    return this.#cancelAsked(job) ? "cancelled" : "owned";
  }

  beat(attempt: ModelAttempt): string {
    if (!this.#holds(attempt) || !this.#owns(attempt)) return "lost";
    attempt.job.visible = false;
    return this.#cancelAsked(attempt.job) ? "cancelled" : "held";
  }

  publish(attempt: ModelAttempt): string {
    if (attempt.outcome === "published") return "published";
    if (!this.#holds(attempt) || !attempt.owned || !this.#owns(attempt)) return "lost";
    if (this.#cancelAsked(attempt.job)) return "cancelled";
    if (this.closed.get(attempt.job.capsule) !== true) return "not-closed";
    if (this.#changesOf(attempt.job.capsule) !== attempt.read) return "changed";
    attempt.outcome = "published";
    attempt.jobState = "archived";
    attempt.job.place = "archive";
    this.publications += 1;
    this.#wakeDeferred(attempt.job.capsule);
    return "published";
  }

  settle(attempt: ModelAttempt, asked: SettledOutcome): string {
    const { job } = attempt;
    if (attempt.jobState !== null) return attempt.jobState;
    if (!this.#holds(attempt) || !this.#owns(attempt)) return "lost";
    const outcome = this.#cancelAsked(job) ? "cancelled" : asked;
    attempt.outcome = outcome;
    if (outcome === "failed") job.failures += 1;
    if (outcome === "crashed") job.crashes += 1;
    const over = job.failures >= 5 || job.crashes >= 3;
    if (outcome === "cancelled") job.place = "archive";
    else if (outcome === "rejected" || (over && outcome !== "interrupted")) job.place = "dead";
    else job.visible = outcome === "interrupted";
    attempt.jobState = { queue: "waiting", archive: "archived", dead: "dead" }[job.place];
    if (job.place === "dead" || (job.place === "archive" && attempt.owned)) this.#wakeDeferred(job.capsule);
    return attempt.jobState;
  }

  cancel(capsule: number): { archived: number; stopping: number } {
    const counts = { archived: 0, stopping: 0 };
    for (const job of this.jobs) {
      if (job.place !== "queue" || job.capsule !== capsule) continue;
      const open = job.attempts.find(({ outcome }) => outcome === null);
      if (open !== undefined && !job.visible) {
        open.cancelAsked = true;
        counts.stopping += 1;
      } else {
        if (open !== undefined) open.outcome = "crashed";
        job.place = "archive";
        counts.archived += 1;
      }
    }
    return counts;
  }

  change(capsule: number): void {
    this.changes.set(capsule, this.#changesOf(capsule) + 1);
  }

  #changesOf(capsule: number): number {
    return this.changes.get(capsule) ?? 0;
  }

  #cancelAsked(job: ModelJob): boolean {
    return job.attempts.some(({ cancelAsked }) => cancelAsked);
  }

  /** This delivery is the job's last one, and was not ended. */
  #holds(attempt: ModelAttempt): boolean {
    const { job } = attempt;
    return job.place === "queue" && job.readCount === attempt.readCount && attempt.outcome === null;
  }

  #owns(attempt: ModelAttempt): boolean {
    return !attempt.owned || this.owners.get(attempt.job.capsule) === attempt;
  }

  #wakeDeferred(capsule: number): void {
    for (const job of this.jobs) {
      const last = job.attempts.at(-1);
      const deferred = last?.outcome === "deferred" && last.readCount === job.readCount;
      if (job.place === "queue" && job.capsule === capsule && deferred) job.visible = true;
    }
  }
}
