import type { ModelAttempt, ModelJob } from "./model-parts.js";

/**
 * The job whose turn it is, where all capsules are short: the first, unless it ran into the time limit; then one that was
 * sent before it did, or before an attempt at another such job ended.
 */
export function nextJob({
  jobs,
  attempts,
}: {
  readonly jobs: readonly ModelJob[];
  readonly attempts: readonly ModelAttempt[];
}): ModelJob | undefined {
  const visible = jobs.filter((job) => job.place === "queue" && job.visible);
  const [first] = visible;
  const limit = first?.timedOutAt ?? null;
  if (limit === null) return first;
  const ends = attempts.flatMap(({ isLate, endedAt }) => (isLate && endedAt !== null ? endedAt : []));
  const inTime = visible.filter(({ timedOutAt }) => timedOutAt === null);
  const sentBefore = (time: number): ModelJob | undefined => inTime.find(({ sentAt }) => sentAt < time);
  return sentBefore(limit) ?? sentBefore(Math.max(0, ...ends)) ?? first;
}
