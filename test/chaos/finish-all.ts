import { retryDeadLetters } from "../../dist/operator/many-dead-letters.js";
import { openDatabase } from "../../dist/database/open-database.js";
import type { ChaosEnvironment } from "./chaos-environment.js";

/**
 * Waits until every capsule has its film, and retries dead letters as an operator would: a job that crashed three times is
 * one by design, also where its workers were killed.
 * @returns the number of retried dead letters
 */
export async function finishAll(environment: ChaosEnvironment, maxSeconds: number): Promise<number> {
  await using database = openDatabase(environment.databaseUrl, { applicationName: "chaos" });
  const signal = new AbortController().signal;
  let retried = 0;
  await environment.until(
    "every capsule has its film",
    async () => {
      retried += await retryDeadLetters(database, {}, signal);
      const unfinished = await environment.sql`
        select from public.capsules where status <> 'completed'
        union all select from pgmq.q_video_jobs_queue limit 1`;
      return unfinished.length === 0;
    },
    maxSeconds,
  );
  return retried;
}
