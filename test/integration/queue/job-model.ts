import { nextJob } from "./model-order.js";
import type { ModelAttempt, ModelCapsule, ModelJob, ModelLetter, FinishedOutcome } from "./model-parts.js";

export const most = { failures: 5, crashes: 3, deliveries: 25, deadLettersAClaim: 10 };

/** A model in memory of what the SQL functions should do. */
export class JobModel {
  readonly jobs: ModelJob[] = [];
  readonly attempts: ModelAttempt[] = [];
  readonly letters: ModelLetter[] = [];
  readonly capsules: readonly ModelCapsule[];
  publications = 0;
  paused = false;
  #events = 0;

  constructor(capsuleCount: number) {
    this.capsules = Array.from({ length: capsuleCount }, () => ({
      status: "closed",
      changes: 0,
      owner: null,
      film: "none",
      pointsAtFilm: false,
    }));
  }

  send(msgId: bigint, capsule: number): void {
    this.#timeEnds();
    const none = { readCount: 0, failures: 0, crashes: 0, uncounted: 0 };
    const times = { sentAt: ++this.#events, timedOutAt: null };
    this.jobs.push({ msgId, capsule, place: "queue", visible: true, attempts: [], ...times, ...none });
  }

  /** The attempt that a claim starts, or null. */
  claim(claimId: string): ModelAttempt | null {
    if (this.paused) return null;
    for (let count = 0; count < most.deadLettersAClaim; count += 1) {
      this.#timeEnds();
      const job = nextJob(this);
      if (job === undefined) return null;
      job.readCount += 1;
      job.visible = false;
      const vanished = job.attempts.find(({ outcome }) => outcome === null);
      if (vanished !== undefined) {
        vanished.outcome = vanished.owned ? "crashed" : "interrupted";
        vanished.guess = vanished.owned ? "counted" : "uncounted";
        if (vanished.owned) job.crashes += 1;
      }
      const over = overLimit(job, job.readCount - job.uncounted > most.deliveries);
      // One that an operator cancelled is given out once more, to be archived as such.
      if (over === null || this.#cancelAsked(job)) return this.#begin(job, claimId);
      this.#deadLetter(job, over);
    }
    return null;
  }

  /** Gives a time to each attempt that has ended since the last job was sent or claimed: only the order of these matters. */
  #timeEnds(): void {
    for (const attempt of this.attempts) if (attempt.outcome !== null) attempt.endedAt ??= ++this.#events;
  }

  #begin(job: ModelJob, claimId: string): ModelAttempt {
    const ends = { outcome: null, endedAt: null, jobState: null, guess: null };
    const fresh = { owned: false, cancelAsked: false, isLate: job.timedOutAt !== null, read: 0, ...ends };
    const attempt: ModelAttempt = { job, readCount: job.readCount, claimId, ...fresh };
    job.attempts.push(attempt);
    this.attempts.push(attempt);
    return attempt;
  }

  /** The reply to the claim was lost, and it is asked for again. */
  claimAgain(attempt: ModelAttempt): ModelAttempt | null {
    if (!this.#holds(attempt)) return null;
    attempt.job.visible = false;
    return attempt;
  }

  acquire(attempt: ModelAttempt): string {
    const { job } = attempt;
    const capsule = this.#capsuleOf(job);
    if (attempt.outcome === "deferred") return "deferred";
    if (!this.#holds(attempt)) return "lost";
    const holder = capsule.owner;
    const taken = holder !== null && holder.job !== job && this.#holds(holder) && !holder.job.visible;
    const cancelAsked = this.#cancelAsked(job);
    if (taken && !cancelAsked) {
      job.visible = false;
      attempt.outcome = "deferred";
      attempt.jobState = "waiting";
      return "deferred";
    }
    if (capsule.film === "none") capsule.film = "waiting";
    if (!taken) {
      attempt.owned = true;
      attempt.read = capsule.changes;
      capsule.owner = attempt;
      if (!cancelAsked) capsule.film = "rendering";
    }
    return cancelAsked ? "cancelled" : "acquired";
  }

  heartbeat(attempt: ModelAttempt): string {
    if (!this.#holds(attempt) || !this.#owns(attempt)) return "lost";
    attempt.job.visible = false;
    return this.#cancelAsked(attempt.job) ? "cancelled" : "renewed";
  }

  publish(attempt: ModelAttempt): string {
    const capsule = this.#capsuleOf(attempt.job);
    if (attempt.outcome === "published") return "published";
    if (!this.#holds(attempt) || !attempt.owned || !this.#owns(attempt)) return "lost";
    if (this.#cancelAsked(attempt.job)) return "cancelled";
    if (!this.#isClosed(capsule)) return "not-closed";
    if (capsule.changes !== attempt.read) return "changed";
    this.#end(attempt, "published");
    capsule.status = "completed";
    capsule.pointsAtFilm = true;
    this.publications += 1;
    return "published";
  }

  finish(attempt: ModelAttempt, asked: FinishedOutcome): string {
    const { job } = attempt;
    const capsule = this.#capsuleOf(job);
    if (attempt.jobState !== null) return attempt.jobState;
    if (!this.#holds(attempt) || !this.#owns(attempt)) return "lost";
    let outcome = asked === "timed-out" ? "failed" : asked;
    if (outcome === "duplicate") {
      const same = attempt.owned && capsule.pointsAtFilm && capsule.changes === attempt.read;
      if (same && this.#isClosed(capsule)) capsule.status = "completed";
      else outcome = "interrupted";
    }
    if (outcome !== "duplicate" && this.#cancelAsked(job)) outcome = "cancelled";
    if (outcome === "failed") job.failures += 1;
    if (outcome === "crashed") job.crashes += 1;
    if (outcome === "setup") job.uncounted += 1;
    const counts = outcome === "failed" || outcome === "crashed";
    const over = counts ? overLimit(job, attempt.readCount - job.uncounted >= most.deliveries) : null;
    if (outcome === "rejected" || over !== null) {
      this.#deadLetter(job, over ?? "rejected");
      if (attempt.owned) capsule.film = "dead";
      attempt.outcome = outcome;
      attempt.jobState = "dead";
    } else {
      this.#end(attempt, outcome);
      if (asked === "timed-out" && outcome === "failed") job.timedOutAt = ++this.#events;
    }
    return attempt.jobState ?? "";
  }

  cancel(index: number): { archived: number; stopping: number } {
    const counts = { archived: 0, stopping: 0 };
    for (const job of this.jobs) {
      if (job.place !== "queue" || job.capsule !== index) continue;
      const open = job.attempts.find(({ outcome }) => outcome === null);
      if (open !== undefined && !job.visible) {
        open.cancelAsked = true;
        counts.stopping += 1;
      } else {
        if (open !== undefined)
          [open.outcome, open.jobState, open.guess] = ["crashed", "archived", "uncounted"];
        job.place = "archive";
        counts.archived += 1;
      }
    }
    const capsule = this.capsules[index] as ModelCapsule;
    const keepsFilm = capsule.film === "published" && capsule.status !== "closed";
    if (counts.archived > 0 && counts.stopping === 0 && !keepsFilm) capsule.film = "cancelled";
    return counts;
  }

  /** A job that waits is answered, or null: a new one is to be sent. */
  waitingJob(capsule: number): ModelJob | null {
    const waits = ({ attempts }: ModelJob): boolean => attempts.every(({ outcome }) => outcome !== null);
    const found = this.jobs.find((job) => job.place === "queue" && job.capsule === capsule && waits(job));
    return found ?? null;
  }

  /** The capsules that the sweep enqueues. */
  stuck(): number[] {
    return [...this.capsules.entries()]
      .filter(([index, { status, film }]) => {
        const hasJob = this.jobs.some((job) => job.place === "queue" && job.capsule === index);
        const hasLetter = this.letters.some(({ job, isThere }) => isThere && job.capsule === index);
        return status === "closed" && !isGivenUp(film) && !hasJob && !hasLetter;
      })
      .map(([index]) => index);
  }

  /** Returns true when the dead letter exists. The caller adds the new job, because it has its id. */
  takeLetter(letter: ModelLetter, retry: boolean): boolean {
    if (!letter.isThere) return false;
    letter.isThere = false;
    const capsule = this.#capsuleOf(letter.job);
    if (retry) this.wantAgain(letter.job.capsule);
    else if (capsule.status === "closed" && ["none", "dead"].includes(capsule.film))
      capsule.film = "cancelled";
    return true;
  }

  /** A film that was given up is waited for again. */
  wantAgain(index: number): void {
    const capsule = this.capsules[index] as ModelCapsule;
    if (isGivenUp(capsule.film)) capsule.film = "waiting";
  }

  #end(attempt: ModelAttempt, outcome: string): void {
    const { job } = attempt;
    const capsule = this.#capsuleOf(job);
    const archived = ["published", "duplicate", "cancelled"].includes(outcome);
    attempt.outcome = outcome;
    attempt.jobState = archived ? "archived" : "waiting";
    if (archived) job.place = "archive";
    else job.visible = outcome === "interrupted";
    if (!attempt.owned) return;
    if (outcome === "cancelled") capsule.film = "cancelled";
    else capsule.film = archived ? "published" : "waiting";
    if (archived) this.#wakeDeferred(job.capsule);
  }

  #deadLetter(job: ModelJob, reason: ModelLetter["reason"]): void {
    job.place = "dead";
    this.letters.push({ job, reason, isThere: true });
    const capsule = this.#capsuleOf(job);
    if (capsule.owner?.job === job) capsule.film = "dead";
    this.#wakeDeferred(job.capsule);
  }

  #capsuleOf(job: ModelJob): ModelCapsule {
    return this.capsules[job.capsule] as ModelCapsule;
  }

  #isClosed({ status }: ModelCapsule): boolean {
    return status === "closed" || status === "completed";
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
    return !attempt.owned || this.#capsuleOf(attempt.job).owner === attempt;
  }

  #wakeDeferred(capsule: number): void {
    for (const job of this.jobs) {
      const last = job.attempts.at(-1);
      const deferred = last?.outcome === "deferred" && last.readCount === job.readCount;
      if (job.place === "queue" && job.capsule === capsule && deferred) job.visible = true;
    }
  }
}

function isGivenUp(film: ModelCapsule["film"]): boolean {
  return film === "cancelled" || film === "dead";
}

function overLimit(job: ModelJob, deliveredTooOften: boolean): ModelLetter["reason"] | null {
  if (job.failures >= most.failures) return "failures";
  if (job.crashes >= most.crashes) return "crashes";
  return deliveredTooOften ? "deliveries" : null;
}
