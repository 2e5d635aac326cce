/** Payloads that are larger than any job's, up to those whose text PostgreSQL cannot make. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { parsePayload } from "../../../dist/capsule/payload.js";
import { listDeadLetters } from "../../../dist/operator/dead-letters.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
import { must, never, openQueueRig, type QueueRig } from "./queue-rig.js";

let rig: QueueRig;
beforeAll(async () => {
  rig = await openQueueRig();
});
beforeEach(async () => {
  await rig.clear();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const capsuleId = "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10";
const rejected = {
  outcome: "rejected",
  code: "payload-invalid",
  message: "It is too large.",
} as const;
const object = (value: string): string =>
  `jsonb_build_object('capsule_id', '${capsuleId}', 'job_type', 'generate_video', 'x', ${value})`;

describe("a payload that is too large", () => {
  it.each([
    ["a little", object("repeat('é', 40000)"), 80_000],
    ["by the escapes of its text", object("repeat(chr(1), 20000)"), 120_000],
    ["compressed to a few kilobytes", object("repeat('a', 2000000)"), 2_000_000],
    ["a string", "to_jsonb(repeat('a', 2000000))", 2_000_000],
    ["a list", "(select jsonb_agg(i) from generate_series(1, 200000) as i)", 1_300_000],
    // 1.08 GB of text, where PostgreSQL makes at most 1 GB; 2 MB in the table.
    ["beyond any text", object("repeat(chr(1), 180000000)"), 180_000_000],
  ])("delivers a payload that is too large as its size: %s", async (_, payload, minBytes) => {
    await rig.sql.unsafe(`select pgmq.send('video_jobs_queue'::text, ${payload})`);
    const job = await rig.claim();
    const { keepsake_too_large: bytes } = job.message as { keepsake_too_large: number };
    expect(bytes).toBeGreaterThanOrEqual(minBytes);
    expect(() => parsePayload(job.message)).toThrow(`${bytes} bytes, where 65536 are taken`);
    expect((await finishAttempt(rig.database, job, rejected)).jobState).toBe("dead");

    const [letter] = await listDeadLetters(rig.database, {}, never);
    const { original } = must(letter) as { original: { first_kilobyte: string | null } };
    expect(original).toMatchObject({ keepsake_too_large: bytes });
    expect((original.first_kilobyte ?? "x".repeat(2000)).length).toBeLessThanOrEqual(1024);
    expect(original.first_kilobyte).not.toBe("");
    if (payload.startsWith("jsonb_build_object")) expect(must(letter).capsuleId).toBe(capsuleId);
    const [size] = await rig.sql<{ bytes: number }[]>`
      select pg_column_size(row(message)) as bytes from pgmq.q_video_jobs_dlq`;
    expect(must(size).bytes).toBeLessThan(4096);
    // The whole is in PGMQ's archive.
    const [archived] = await rig.sql.unsafe(
      `select message = ${payload} as whole from pgmq.a_video_jobs_queue`,
    );
    expect(archived).toEqual({ whole: true });
  });

  it("delivers a payload whole where only its form in memory is large", async () => {
    const payload = {
      capsule_id: capsuleId,
      job_type: "generate_video",
      x: Array.from({ length: 20_000 }, () => 1),
    };
    await rig.send(payload);
    expect((await rig.claim()).message).toEqual(payload);
  });
});
