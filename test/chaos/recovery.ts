import type { ChaosEnvironment } from "./chaos-environment.js";

/**
 * Measures how long the jobs of killed workers waited: from the kill to the next claim of the job, which finds the
 * attempt open and ends it.
 * @param killedAt in Unix milliseconds, by worker
 */
export async function recoveries(
  { sql }: ChaosEnvironment,
  killedAt: ReadonlyMap<string, number>,
): Promise<{ readonly seconds: readonly number[]; readonly violations: readonly string[] }> {
  const vanished = await sql<{ worker: string; noticedAt: Date }[]>`
    select worker, ended_at as "noticedAt" from keepsake.attempts
    where ended_at is not null and job_state is null`;
  const seconds: number[] = [];
  const violations: string[] = [];
  for (const { worker, noticedAt } of vanished) {
    const killed = killedAt.get(worker);
    if (killed === undefined) violations.push(`an attempt of ${worker} vanished, although it was not killed`);
    else seconds.push((noticedAt.getTime() - killed) / 1000);
  }
  return { seconds, violations };
}

/** Returns for each job that was handed back the seconds from the SIGTERM of its worker until other workers could claim it. */
export async function handBacks(
  { sql }: ChaosEnvironment,
  termAt: ReadonlyMap<string, number>,
): Promise<readonly number[]> {
  const rows = await sql<{ worker: string; visibleAt: Date }[]>`
    select worker, ended_at as "visibleAt" from keepsake.attempts
    where outcome = 'interrupted' and job_state = 'waiting'`;
  return rows.flatMap(({ worker, visibleAt }) => {
    const told = termAt.get(worker);
    return told === undefined ? [] : [(visibleAt.getTime() - told) / 1000];
  });
}

/** Counts the attempts by outcome. */
export async function countOutcomes({ sql }: ChaosEnvironment): Promise<Readonly<Record<string, number>>> {
  const rows = await sql<{ outcome: string; attempts: number }[]>`
    select outcome, count(*)::int as attempts from keepsake.attempts group by outcome`;
  return Object.fromEntries(rows.map(({ outcome, attempts }) => [outcome, attempts]));
}
