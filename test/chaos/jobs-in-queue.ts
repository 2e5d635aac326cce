import type { ChaosRoom } from "./chaos-room.js";

/** Jobs that wait or are worked on. */
export async function jobsInQueue({ sql }: ChaosRoom): Promise<number> {
  const [row] = await sql<{ jobs: number }[]>`select count(*)::int as jobs from pgmq.q_video_jobs_queue`;
  return row?.jobs ?? 0;
}
