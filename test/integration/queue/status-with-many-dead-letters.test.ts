import { afterAll, beforeAll, expect, it } from "vitest";

import { readStatus } from "../../../dist/operator/read-status.js";
import { must, never, openQueueRig, type QueueRig } from "./queue-rig.js";

let rig: QueueRig;
beforeAll(async () => {
  rig = await openQueueRig();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

/** Each letter is about as large as one with the five attempts of a job that failed. */
async function addLetters(count: number, code: string, isVacuumed = true): Promise<void> {
  await rig.sql`
    insert into pgmq.q_video_jobs_dlq (vt, message)
    select clock_timestamp(), jsonb_build_object(
      'error_code', case when i % 4 = 0 then 'rare' else ${code}::text end,
      'attempts', (select jsonb_agg(md5((i * 31 + j)::text)) from generate_series(1, 20) as j)
    )
    from generate_series(1, ${count}::integer) as i`;
  if (isVacuumed) await rig.sql`vacuum analyze pgmq.q_video_jobs_dlq`;
}

/** Blocks that counting them for the status reads, and blocks that they take. */
async function measureLetters(): Promise<{ readonly read: number; readonly pages: number }> {
  const [explained] = await rig.sql<
    { "QUERY PLAN": { Plan: { "Shared Hit Blocks": number; "Shared Read Blocks": number } }[] }[]
  >`explain (analyze, buffers, format json) select keepsake.dead_letter_count()`;
  const plan = must(must(explained)["QUERY PLAN"][0]).Plan;
  const [size] = await rig.sql<{ pages: number }[]>`
    select (pg_relation_size('pgmq.q_video_jobs_dlq') / 8192)::int as pages`;
  return { read: plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], pages: must(size).pages };
}

/** Blocks that the status reads beside counting the letters, by an index, and blocks that the letters take. */
async function measure(): Promise<{ readonly read: number; readonly pages: number }> {
  return await rig.sql.begin(async (sql) => {
    const blocksOf = async (query: string): Promise<number> => {
      // The first reads of the catalogs on a connection do not count.
      await sql.unsafe(query);
      const [explained] = await sql.unsafe<
        { "QUERY PLAN": { Plan: { "Shared Hit Blocks": number; "Shared Read Blocks": number } }[] }[]
      >(`explain (analyze, buffers, format json) ${query}`);
      const plan = must(must(explained)["QUERY PLAN"][0]).Plan;
      return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
    };
    const counting = await blocksOf("select count(*) from pgmq.q_video_jobs_dlq");
    const all = await blocksOf("select keepsake.status()");
    const [size] = await sql<{ pages: number }[]>`
      select (pg_relation_size('pgmq.q_video_jobs_dlq') / 8192)::int as pages`;
    return { read: all - counting, pages: must(size).pages };
  });
}

it("status counts all dead letters and reads the newest two thousand", async () => {
  await addLetters(4000, "old");
  const few = await measure();
  await addLetters(16_000, "usual");
  const many = await measure();
  expect(many.pages - few.pages).toBeGreaterThan(1000);
  expect(many.read - few.read).toBeLessThan((many.pages - few.pages) / 4);

  const { deadLetterCount, deadLetters } = await readStatus(rig.database, never);
  expect(deadLetterCount).toBe(20_000);
  expect(deadLetters.map(({ code, count }) => [code, count])).toEqual([
    ["usual", 1500],
    ["rare", 500],
  ]);
});

it("status estimates hundreds of thousands of dead letters before a vacuum, and reads no more of them", async () => {
  await rig.sql`truncate pgmq.q_video_jobs_dlq`;
  await addLetters(60_000, "usual", false);
  const few = await measureLetters();
  await addLetters(60_000, "usual", false);
  const many = await measureLetters();
  expect(many.pages).toBeGreaterThan(few.pages * 1.9);
  expect(many.read - few.read).toBeLessThan((many.pages - few.pages) / 10);
  const { deadLetterCount } = await readStatus(rig.database, never);
  expect(deadLetterCount).toBeGreaterThan(100_000);
  expect(deadLetterCount).toBeLessThan(140_000);
  expect(deadLetterCount % 1000).toBe(0);
});
