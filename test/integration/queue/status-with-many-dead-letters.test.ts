import { afterAll, beforeAll, expect, it } from "vitest";

import { readStatus } from "../../../dist/queue/read-status.js";
import { must, never, openQueueRig, type QueueRig } from "./queue-rig.js";

let rig: QueueRig;
beforeAll(async () => {
  rig = await openQueueRig();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

it("counts all dead letters and reads the newest two thousand, however many there are", async () => {
  // Each about as large as one with the five attempts of a job that failed.
  await rig.sql`
    insert into pgmq.q_video_jobs_dlq (vt, message)
    select clock_timestamp(), jsonb_build_object(
      'error_code', case when i <= 10000 then 'old' when i % 4 = 0 then 'rare' else 'usual' end,
      'attempts', (select jsonb_agg(md5((i * 31 + j)::text)) from generate_series(1, 20) as j)
    )
    from generate_series(1, 12000) as i`;
  await rig.sql`vacuum analyze pgmq.q_video_jobs_dlq`;
  const { deadLetterCount, deadLetters } = await readStatus(rig.database, never);
  expect(deadLetterCount).toBe(12_000);
  expect(deadLetters.map(({ code, count }) => [code, count])).toEqual([
    ["usual", 1500],
    ["rare", 500],
  ]);

  // What was read is told by the blocks that it took: fewer than half of the table's.
  const [explained] = await rig.sql<
    { "QUERY PLAN": { Plan: { "Shared Hit Blocks": number; "Shared Read Blocks": number } }[] }[]
  >`explain (analyze, buffers, format json) select keepsake.status()`;
  const plan = must(must(explained)["QUERY PLAN"][0]).Plan;
  const [size] = await rig.sql<{ pages: number }[]>`
    select (pg_relation_size('pgmq.q_video_jobs_dlq') / 8192)::int as pages`;
  expect(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]).toBeLessThan(must(size).pages / 2);
});
