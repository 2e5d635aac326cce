import { retryDeadLetters } from "../../dist/operator/many-dead-letters.js";
import { openDatabase } from "../../dist/database/open-database.js";
import type { ChaosRoom } from "./chaos-room.js";

/**
 * Waits until every capsule has its film, and sends dead letters again as an operator would: a job that crashed three
 * times is one by design, however its workers died.
 * @returns how many were sent again
 */
export async function finishAll(room: ChaosRoom, mostSeconds: number): Promise<number> {
  await using database = openDatabase(room.databaseUrl, { applicationName: "chaos" });
  const signal = new AbortController().signal;
  let retried = 0;
  await room.until(
    "every capsule has its film",
    async () => {
      retried += await retryDeadLetters(database, {}, signal);
      const unfinished = await room.sql`
        select from public.capsules where status <> 'completed'
        union all select from pgmq.q_video_jobs_queue limit 1`;
      return unfinished.length === 0;
    },
    mostSeconds,
  );
  return retried;
}
