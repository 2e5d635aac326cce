import { most, type JobModel } from "./job-model.js";
import type { ModelAttempt, ModelJob, ModelLetter } from "./model-parts.js";

export interface Reported {
  readonly jobState: string;
  readonly outcome: string | null;
  /** A dead letter whose job is sent again. */
  readonly revived: ModelLetter | null;
}

/** The worker of an attempt reports that it lived through an outage of the database. */
export function reportOutage(model: JobModel, attempt: ModelAttempt): Reported {
  const { job } = attempt;
  const answer = (revived: ModelLetter | null): Reported => ({
    jobState: attempt.jobState ?? "lost",
    outcome: attempt.outcome,
    revived,
  });
  if (attempt.outcome !== null) return answer(correctGuess(model, attempt));
  if (model.finish(attempt, "interrupted") === "lost") {
    // Another job took the capsule, or the job is gone.
    const isLast = job.place === "queue" && job.readCount === attempt.readCount;
    attempt.outcome = "interrupted";
    if (isLast) {
      attempt.jobState = "waiting";
      job.visible = true;
    }
  }
  if (attempt.outcome === "interrupted") job.uncounted += 1;
  return answer(null);
}

/** The report of an attempt's own worker replaces what another one recorded. */
export function correctGuess(model: JobModel, attempt: ModelAttempt): ModelLetter | null {
  const { job, guess } = attempt;
  if (guess === null) return null;
  if (guess === "counted") job.crashes -= 1;
  attempt.guess = null;
  attempt.outcome = "interrupted";
  job.uncounted += 1;
  const letter = model.letters.find((one) => one.job === job && one.isThere);
  const isGuessed = letter?.reason === "crashes" || letter?.reason === "deliveries";
  if (letter === undefined || !isGuessed || isOver(job)) return null;
  if (model.capsules[job.capsule]?.film === "cancelled") return null;
  model.takeLetter(letter, true);
  return letter;
}

function isOver({ crashes, failures, readCount, uncounted }: ModelJob): boolean {
  return crashes >= most.crashes || failures >= most.failures || readCount - uncounted >= most.deliveries;
}
