import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import {
  discardDeadLetter,
  listDeadLetters,
  retryDeadLetter,
  retryDeadLetters,
} from "../../../dist/queue/dead-letters.js";
import { ownCapsule } from "../../../dist/queue/own-capsule.js";
import { listFilms } from "../../../dist/queue/list-films.js";
import { settleAttempt } from "../../../dist/queue/settle-attempt.js";
import { must, never, openQueueRig, payloadFor, type QueueRig } from "./queue-rig.js";

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

/** A capsule whose job was rejected with this code. */
async function bury(code: string, payload?: unknown): Promise<string> {
  const capsuleId = await rig.addCapsule();
  await rig.send(payload ?? payloadFor(capsuleId));
  const job = await rig.claim();
  await ownCapsule(rig.database, job, capsuleId);
  await settleAttempt(rig.database, job, {
    outcome: "rejected",
    code,
    message: `It was refused: ${code}.`,
    stack: null,
    fingerprint: null,
  });
  return capsuleId;
}

describe("dead letters", () => {
  it("are listed with all that is known of them, oldest first", async () => {
    const first = await bury("nothing-to-film");
    const second = await bury("capsule-too-large");
    const letters = await listDeadLetters(rig.database, {}, never);
    expect(letters.map(({ capsuleId }) => capsuleId)).toEqual([first, second]);
    expect(letters[0]).toMatchObject({
      cause: "rejected",
      code: "nothing-to-film",
      reason: "It was refused: nothing-to-film.",
      original: payloadFor(first),
      attempts: [{ read_ct: 1, worker: "worker-a", outcome: "rejected", error_code: "nothing-to-film" }],
      lineage: [],
    });
    expect(letters[0]?.diedAt).toBeInstanceOf(Date);
    expect(await listDeadLetters(rig.database, { code: "capsule-too-large" }, never)).toHaveLength(1);
    expect(await listDeadLetters(rig.database, { limit: 1 }, never)).toHaveLength(1);
  });

  it("are retried with counters from nothing and their lineage kept", async () => {
    const capsuleId = await bury("nothing-to-film", undefined);
    const [letter] = await listDeadLetters(rig.database, {}, never);
    const newId = await retryDeadLetter(rig.database, must(letter).msgId, {}, never);
    expect((await listFilms(rig.database, {}, never)).map(({ state }) => state)).toEqual(["waiting"]);
    const job = await rig.claim();
    expect(job).toMatchObject({ msgId: newId, readCount: 1, attemptNumber: 1, isLast: false });
    expect(job.message).toMatchObject({
      ...payloadFor(capsuleId),
      retry_count: 1,
      lineage: [{ dead_letter_id: Number(must(letter).msgId), error_code: "nothing-to-film" }],
    });
    const end = {
      outcome: "rejected",
      code: "again",
      message: null,
      stack: null,
      fingerprint: null,
    } as const;
    await settleAttempt(rig.database, job, end);
    const [second] = await listDeadLetters(rig.database, {}, never);
    await retryDeadLetter(rig.database, must(second).msgId, {}, never);
    expect((await rig.claim()).message).toMatchObject({
      retry_count: 2,
      lineage: [{ error_code: "nothing-to-film" }, { error_code: "again" }],
    });
  });

  it("are retried with a corrected payload", async () => {
    const capsuleId = await rig.addCapsule();
    await bury("payload-invalid", "not an object");
    const [letter] = await listDeadLetters(rig.database, {}, never);
    expect(must(letter).original).toBe("not an object");
    await retryDeadLetter(rig.database, must(letter).msgId, { payload: payloadFor(capsuleId) }, never);
    expect((await rig.claim()).message).toMatchObject({ capsule_id: capsuleId, retry_count: 1 });
  });

  it("are retried once, however many ask for it at once", async () => {
    await bury("nothing-to-film");
    const [letter] = await listDeadLetters(rig.database, {}, never);
    const asked = await Promise.allSettled(
      Array.from({ length: 5 }, () => retryDeadLetter(rig.database, must(letter).msgId, {}, never)),
    );
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const [count] = await rig.sql`select count(*)::int as jobs from pgmq.q_video_jobs_queue`;
    expect(count).toEqual({ jobs: 1 });
  });

  it("are retried together by their code", async () => {
    await bury("nothing-to-film");
    await bury("nothing-to-film");
    await bury("capsule-too-large");
    expect(await retryDeadLetters(rig.database, { code: "nothing-to-film" }, never)).toBe(2);
    expect(await listDeadLetters(rig.database, {}, never)).toHaveLength(1);
    expect(await retryDeadLetters(rig.database, {}, never)).toBe(1);
    expect(await listDeadLetters(rig.database, {}, never)).toEqual([]);
  });

  it("are discarded into the archive", async () => {
    await bury("nothing-to-film");
    const [letter] = await listDeadLetters(rig.database, {}, never);
    await discardDeadLetter(rig.database, must(letter).msgId, never);
    expect(await listDeadLetters(rig.database, {}, never)).toEqual([]);
    const [count] = await rig.sql`select count(*)::int as kept from pgmq.a_video_jobs_dlq`;
    expect(count).toEqual({ kept: 1 });
  });

  it("that are not there are said to be so", async () => {
    await expect(retryDeadLetter(rig.database, 4711n, {}, never)).rejects.toMatchObject({
      code: "dead-letter-not-found",
    });
    await expect(discardDeadLetter(rig.database, 4711n, never)).rejects.toMatchObject({
      code: "dead-letter-not-found",
    });
  });
});
