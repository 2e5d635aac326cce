import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { discardDeadLetter, listDeadLetters, retryDeadLetter } from "../../../dist/operator/dead-letters.js";
import {
  countDeadLetters,
  discardDeadLetters,
  retryDeadLetters,
} from "../../../dist/operator/many-dead-letters.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { listFilms } from "../../../dist/operator/list-films.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
import { filmOf, must, never, openQueueRig, payloadFor, type QueueRig } from "./queue-rig.js";

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
async function sendToDeadLetters(code: string, payload?: unknown): Promise<string> {
  const capsuleId = await rig.addCapsule();
  await rig.send(payload ?? payloadFor(capsuleId));
  const job = await rig.claim();
  await acquireCapsule(rig.database, job, capsuleId);
  await finishAttempt(rig.database, job, {
    outcome: "rejected",
    code,
    message: `It was refused: ${code}.`,
  });
  return capsuleId;
}

describe("dead letters", () => {
  it("lists dead letters with all that is known about them, oldest first", async () => {
    const first = await sendToDeadLetters("nothing-to-film");
    const second = await sendToDeadLetters("capsule-too-large");
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

  it("a retried dead letter counts from zero and keeps its lineage", async () => {
    const capsuleId = await sendToDeadLetters("nothing-to-film", undefined);
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
    } as const;
    await finishAttempt(rig.database, job, end);
    const [second] = await listDeadLetters(rig.database, {}, never);
    await retryDeadLetter(rig.database, must(second).msgId, {}, never);
    expect((await rig.claim()).message).toMatchObject({
      retry_count: 2,
      lineage: [{ error_code: "nothing-to-film" }, { error_code: "again" }],
    });
  });

  it("retries a dead letter with a corrected payload", async () => {
    const capsuleId = await rig.addCapsule();
    await sendToDeadLetters("payload-invalid", "not an object");
    const [letter] = await listDeadLetters(rig.database, {}, never);
    expect(must(letter).original).toBe("not an object");
    await retryDeadLetter(rig.database, must(letter).msgId, { payload: payloadFor(capsuleId) }, never);
    expect((await rig.claim()).message).toMatchObject({ capsule_id: capsuleId, retry_count: 1 });
  });

  it("retries a dead letter once when many operators ask at once", async () => {
    await sendToDeadLetters("nothing-to-film");
    const [letter] = await listDeadLetters(rig.database, {}, never);
    const asked = await Promise.allSettled(
      Array.from({ length: 5 }, () => retryDeadLetter(rig.database, must(letter).msgId, {}, never)),
    );
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const [count] = await rig.sql`select count(*)::int as jobs from pgmq.q_video_jobs_queue`;
    expect(count).toEqual({ jobs: 1 });
  });

  it("retries dead letters together by their code", async () => {
    await sendToDeadLetters("nothing-to-film");
    await sendToDeadLetters("nothing-to-film");
    await sendToDeadLetters("capsule-too-large");
    expect(await retryDeadLetters(rig.database, { code: "nothing-to-film" }, never)).toBe(2);
    expect(await listDeadLetters(rig.database, {}, never)).toHaveLength(1);
    expect(await retryDeadLetters(rig.database, {}, never)).toBe(1);
    expect(await listDeadLetters(rig.database, {}, never)).toEqual([]);
  });

  it("retries together only the dead letters that existed when it was asked, each by one operator", async () => {
    for (let index = 0; index < 6; index += 1) await sendToDeadLetters("nothing-to-film");
    const retried = await Promise.all([1, 2, 3].map(() => retryDeadLetters(rig.database, {}, never)));
    expect(retried.reduce((sum, count) => sum + count, 0)).toBe(6);
    const [count] = await rig.sql`select count(*)::int as jobs from pgmq.q_video_jobs_queue`;
    expect(count).toEqual({ jobs: 6 });
    await rig.sql`select pgmq.purge_queue('video_jobs_queue')`;

    await sendToDeadLetters("nothing-to-film");
    const counted = await countDeadLetters(rig.database, { cause: "rejected" }, never);
    const late = await sendToDeadLetters("nothing-to-film");
    expect(await discardDeadLetters(rig.database, { cause: "rejected" }, counted, never)).toBe(1);
    expect(await listDeadLetters(rig.database, {}, never)).toMatchObject([{ capsuleId: late }]);
    expect(await listDeadLetters(rig.database, { cause: "crashes" }, never)).toEqual([]);
  });

  it("shows and retries dead letters with any content", async () => {
    const capsuleId = await rig.addCapsule();
    const unknown = [
      payloadFor(capsuleId),
      JSON.stringify(payloadFor(capsuleId)),
      {
        original: payloadFor(capsuleId),
        lineage: "none",
        attempts: null,
        capsule_id: 7,
        died_at: "yesterday",
      },
      [1, 2],
      "not a job",
      null,
    ];
    for (const letter of unknown) {
      const json = JSON.stringify(letter);
      await rig.sql`select pgmq.send('video_jobs_dlq'::text, (${json}::text)::jsonb)`;
    }
    const letters = await listDeadLetters(rig.database, {}, never);
    expect(letters.map(({ original }) => original)).toEqual([
      payloadFor(capsuleId),
      JSON.stringify(payloadFor(capsuleId)),
      payloadFor(capsuleId),
      [1, 2],
      "not a job",
      null,
    ]);
    expect(letters[0]).toMatchObject({ capsuleId, code: null, attempts: [], lineage: [], source: null });
    expect(await retryDeadLetters(rig.database, {}, never)).toBe(6);
    const [sent] = await rig.sql`
      select count(*) filter (where keepsake.capsule_of(message) = ${capsuleId}::uuid)::int as jobs, count(*)::int as all
      from pgmq.q_video_jobs_queue`;
    expect(sent).toEqual({ jobs: 3, all: 6 });
    expect((await rig.claim()).message).toMatchObject({ retry_count: 1, lineage: [{ dead_letter_id: 1 }] });
  });

  it("retries a dead letter while another job renders its capsule", async () => {
    const capsuleId = await sendToDeadLetters("nothing-to-film");
    await rig.send(payloadFor(capsuleId));
    const running = await rig.claim();
    expect(await acquireCapsule(rig.database, running, capsuleId)).toBe("acquired");
    const [letter] = await listDeadLetters(rig.database, {}, never);
    await retryDeadLetter(rig.database, must(letter).msgId, { doneBy: "maria" }, never);
    expect(await acquireCapsule(rig.database, await rig.claim(), capsuleId)).toBe("deferred");
    expect(await publishFilm(rig.database, running, filmOf(capsuleId))).toBe("published");
    expect(await rig.sql`select action, capsule_id, done_by from keepsake.operations`).toEqual([
      { action: "retry", capsule_id: capsuleId, done_by: "maria" },
    ]);
  });

  it("a dead letter of another program may contain an id that fits into no index", async () => {
    await rig.sql`
      select pgmq.send('video_jobs_dlq'::text, jsonb_build_object('capsule_id', (
        select string_agg(md5(n::text), '') from generate_series(1, 2000) as n
      )))`;
    expect(await listDeadLetters(rig.database, {}, never)).toMatchObject([{ capsuleId: null }]);
  });

  it("a dead letter that is retried for another capsule leaves its own capsule wanted", async () => {
    const [first, other] = [await sendToDeadLetters("capsule-not-closed"), await rig.addCapsule()];
    const [letter] = await listDeadLetters(rig.database, {}, never);
    await retryDeadLetter(rig.database, must(letter).msgId, { payload: payloadFor(other) }, never);
    const [film] = await rig.sql`select state from keepsake.films where capsule_id = ${first}::uuid`;
    expect(film).toEqual({ state: "waiting" });
  });

  it("a discarded dead letter cancels the film of its capsule", async () => {
    const other = await sendToDeadLetters("nothing-to-film");
    const [second] = await listDeadLetters(rig.database, {}, never);
    await discardDeadLetter(rig.database, must(second).msgId, never);
    expect(await listFilms(rig.database, { state: "cancelled" }, never)).toMatchObject([
      { capsuleId: other },
    ]);
  });

  it("a discarded dead letter is archived", async () => {
    await sendToDeadLetters("nothing-to-film");
    const [letter] = await listDeadLetters(rig.database, {}, never);
    await discardDeadLetter(rig.database, must(letter).msgId, never);
    expect(await listDeadLetters(rig.database, {}, never)).toEqual([]);
    const [count] = await rig.sql`select count(*)::int as kept from pgmq.a_video_jobs_dlq`;
    expect(count).toEqual({ kept: 1 });
  });

  it("reports dead letters that do not exist", async () => {
    await expect(retryDeadLetter(rig.database, 4711n, {}, never)).rejects.toMatchObject({
      code: "dead-letter-not-found",
    });
    await expect(discardDeadLetter(rig.database, 4711n, never)).rejects.toMatchObject({
      code: "dead-letter-not-found",
    });
  });
});
