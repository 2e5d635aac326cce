import type { ChaosEnvironment } from "./chaos-environment.js";

/** Counts the jobs that wait or run. */
export async function jobsInQueue({ sql }: ChaosEnvironment): Promise<number> {
  const [row] = await sql<{ jobs: number }[]>`select count(*)::int as jobs from pgmq.q_video_jobs_queue`;
  return row?.jobs ?? 0;
}
