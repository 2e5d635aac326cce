import { randomUUID } from "node:crypto";

import { expect } from "vitest";

import { sendHeartbeat } from "../../../dist/queue/heartbeat.js";
import { claimJob } from "../../../dist/queue/claim-job.js";
import { discardDeadLetter, retryDeadLetter } from "../../../dist/operator/dead-letters.js";
import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import { cancelCapsule, pauseQueue, resumeQueue } from "../../../dist/operator/operate.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { requeueStuckCapsules } from "../../../dist/operator/requeue.js";
import { reportOutage } from "../../../dist/queue/finish-attempt.js";
import { finished } from "../../../dist/queue/attempt.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
import { JobModel } from "./job-model.js";
import type { AttemptStep, LetterStep, Step } from "./life-steps.js";
import { correctGuess, reportOutage as reportInModel } from "./model-outages.js";
import type { ModelAttempt, ModelLetter } from "./model-parts.js";
import { filmOf, must, never, payloadFor, type QueueRig } from "./queue-rig.js";

/** One life in one rig, compared with its model after each step. */
interface Life {
  readonly rig: QueueRig;
  readonly model: JobModel;
  readonly capsules: readonly string[];
  /** The content of the capsule that the film of an attempt shows. */
  readonly digests: Map<ModelAttempt, string | null>;
}

/** Plays a life from an empty database, and compares answer for answer and row for row. */
export async function playLife(rig: QueueRig, steps: readonly Step[]): Promise<void> {
  await rig.clear();
  const capsules = [await rig.addCapsule(), await rig.addCapsule()];
  const life: Life = { rig, model: new JobModel(capsules.length), capsules, digests: new Map() };
  for (const step of steps) {
    if ("capsule" in step) await playApp(life, step.do, step.capsule);
    else if (isLetterStep(step)) await playLetter(life, step);
    else if ("who" in step) await playAttempt(life, step);
    else await playQueue(life, step.do);
    await expectAgreement(life);
  }
}

function isLetterStep(step: Step): step is LetterStep {
  return step.do === "retry letter" || step.do === "discard letter";
}

async function playApp(
  { rig, model, capsules }: Life,
  what: Extract<Step, { capsule: number }>["do"],
  index: number,
): Promise<void> {
  const capsuleId = must(capsules[index]);
  const state = must(model.capsules[index]);
  const { sql, database } = rig;
  if (what === "send") return model.send(await rig.send(payloadFor(capsuleId)), index);
  if (what === "cancel") {
    expect(await cancelCapsule(database, capsuleId, never)).toMatchObject(model.cancel(index));
    return;
  }
  if (what === "enqueue") {
    const enqueueing = enqueueCapsule(database, capsuleId, never);
    const codeByStatus = {
      active: "capsule-not-closed",
      gone: "capsule-not-found",
      closed: null,
      completed: null,
    };
    const code = codeByStatus[state.status];
    if (code !== null) return await expect(enqueueing).rejects.toMatchObject({ code });
    const expected = model.waitingJob(index);
    const { msgId } = await enqueueing;
    if (expected === null) {
      model.wantAgain(index);
      model.send(msgId, index);
    } else expect(msgId).toBe(expected.msgId);
    return;
  }
  if (state.status === "gone") return;
  if (what === "change") {
    state.changes += 1;
    await sql`insert into public.messages (capsule_id, content_text) values (${capsuleId}::uuid, 'One more.')`;
  } else if (what === "delete") {
    state.status = "gone";
    await sql`delete from public.messages where capsule_id = ${capsuleId}::uuid`;
    await sql`delete from public.capsules where id = ${capsuleId}::uuid`;
  } else {
    state.status = what === "close" ? "closed" : "active";
    await sql`update public.capsules set status = ${state.status} where id = ${capsuleId}::uuid`;
  }
}

async function playQueue(
  { rig: { database }, model, capsules }: Life,
  what: "claim" | "pause" | "resume" | "sweep",
): Promise<void> {
  if (what === "claim") {
    const claimId = randomUUID();
    const expected = model.claim(claimId);
    expectClaimed(await claimJob(database, "worker", 120, claimId), expected);
  } else if (what === "sweep") {
    const expected = model.stuck().map((index) => must(capsules[index]));
    const requeued = await requeueStuckCapsules(database, never);
    expect(requeued.map(({ capsuleId }) => capsuleId).toSorted()).toEqual(expected.toSorted());
    for (const { capsuleId, msgId } of requeued.toSorted((a, b) => Number(a.msgId - b.msgId)))
      model.send(msgId, capsules.indexOf(capsuleId));
  } else {
    model.paused = what === "pause";
    await (model.paused ? pauseQueue(database, null, never) : resumeQueue(database, never));
  }
}

function expectClaimed(claimed: Awaited<ReturnType<typeof claimJob>>, expected: ModelAttempt | null): void {
  expect(claimed === null ? null : [claimed.msgId, claimed.readCount, claimed.attemptNumber]).toEqual(
    expected === null
      ? null
      : [expected.job.msgId, expected.readCount, expected.job.failures + expected.job.crashes + 1],
  );
}

async function playLetter({ rig: { database }, model }: Life, step: LetterStep): Promise<void> {
  const letter = model.letters.at(-1 - step.who);
  if (letter === undefined) return;
  const id = BigInt(model.letters.indexOf(letter) + 1);
  const retry = step.do === "retry letter";
  const isThere = model.takeLetter(letter, retry);
  const doing = retry ? retryDeadLetter(database, id, {}, never) : discardDeadLetter(database, id, never);
  if (!isThere) return await expect(doing).rejects.toMatchObject({ code: "dead-letter-not-found" });
  const newId = await doing;
  if (typeof newId === "bigint") model.send(newId, letter.job.capsule);
}

async function playAttempt(life: Life, step: AttemptStep): Promise<void> {
  const { rig, model, capsules, digests } = life;
  const attempt = model.attempts.at(-1 - step.who);
  if (attempt === undefined) return;
  const { job, readCount } = attempt;
  if (step.do === "time passes") {
    await rig.letTimePass(job.msgId);
    if (job.place === "queue") job.visible = true;
    return;
  }
  if (step.do === "claim again") {
    const expected = model.claimAgain(attempt);
    const writesNothing = expected === null && attempt.guess === null;
    const before = writesNothing ? await rig.snapshot() : null;
    expectClaimed(await claimJob(rig.database, "worker", 120, attempt.claimId), expected);
    if (writesNothing) expect(await rig.snapshot()).toEqual(before);
    if (expected === null) await sendRevived(life, correctGuess(model, attempt));
    return;
  }
  if (step.do === "report outage") {
    const { revived, ...expected } = reportInModel(model, attempt);
    expect(await reportOutage(rig.database, attempt.claimId, "It was away.")).toMatchObject(expected);
    // Asked again, after a lost reply, it writes nothing.
    const before = await rig.snapshot();
    expect(await reportOutage(rig.database, attempt.claimId, "It was away.")).toMatchObject(expected);
    expect(await rig.snapshot()).toEqual(before);
    await sendRevived(life, revived);
    return;
  }
  const capsuleId = must(capsules[job.capsule]);
  const fence = { msgId: job.msgId, readCount };
  const expected = step.do === "finish" ? model.finish(attempt, step.outcome) : model[step.do](attempt);
  const writesNothing = ["lost", "not-closed", "changed"].includes(expected);
  const before = writesNothing ? await rig.snapshot() : null;
  expect(await callTransition(life, step, fence, capsuleId, digests.get(attempt) ?? null)).toBe(expected);
  if (step.do === "acquire" && attempt.owned) digests.set(attempt, await digestOf(rig, capsuleId));
  if (writesNothing) expect(await rig.snapshot()).toEqual(before);
}

/** The newest job is the one that a dead letter came back as. */
async function sendRevived({ rig, model }: Life, letter: ModelLetter | null): Promise<void> {
  if (letter === null) return;
  const [row] = await rig.sql<{ id: bigint }[]>`select max(msg_id) as id from pgmq.q_video_jobs_queue`;
  model.send(must(row).id, letter.job.capsule);
}

async function callTransition(
  { rig: { database } }: Life,
  step: Exclude<AttemptStep, { do: "time passes" | "claim again" | "report outage" }>,
  fence: { readonly msgId: bigint; readonly readCount: number },
  capsuleId: string,
  contentDigest: string | null,
): Promise<string> {
  const film = filmOf(capsuleId);
  if (step.do === "finish") {
    const fingerprint = step.outcome === "duplicate" ? film.fingerprint : null;
    const isLate = step.outcome === "timed-out";
    const outcome = step.outcome === "timed-out" ? "failed" : step.outcome;
    const code = isLate ? "attempt-timed-out" : null;
    const result = finished(outcome, { code, fingerprint, contentDigest });
    return must((await finishAttempt(database, fence, result)).jobState);
  }
  if (step.do === "acquire") return await acquireCapsule(database, fence, capsuleId);
  if (step.do === "heartbeat") return await sendHeartbeat(database, fence, 120, null);
  return await publishFilm(database, fence, { ...film, contentDigest });
}

async function digestOf(rig: QueueRig, capsuleId: string): Promise<string | null> {
  const content = { capsule_id: capsuleId, max_messages: 500 };
  const { digest } = await rig.database.control.call<{ digest: string | null }>("capsule_content", content);
  return digest;
}

/** No job is in two places or in none, nothing was published or said of a film that the model did not. */
async function expectAgreement({ rig, model, capsules }: Life): Promise<void> {
  const [row] = await rig.sql<
    {
      queue: string[];
      archive: string[];
      dead: string[];
      published: number;
      open: number;
      films: Record<string, string> | null;
      statuses: Record<string, string> | null;
    }[]
  >`
    select
      array_to_json(array(select q.msg_id::text from pgmq.q_video_jobs_queue as q order by q.msg_id)) as queue,
      array_to_json(array(select a.msg_id::text from pgmq.a_video_jobs_queue as a order by a.msg_id)) as archive,
      array_to_json(array(
        select d.message -> 'source' ->> 'msg_id' from pgmq.q_video_jobs_dlq as d order by d.msg_id
      )) as dead,
      (select count(*)::int from keepsake.attempts where outcome = 'published') as published,
      (select count(*)::int from keepsake.attempts where outcome is null) as open,
      (select jsonb_object_agg(f.capsule_id, f.state) from keepsake.films as f) as films,
      (select jsonb_object_agg(c.id, c.status) from public.capsules as c) as statuses`;
  const found = must(row);
  const ids = (...places: string[]): string[] =>
    model.jobs.filter(({ place }) => places.includes(place)).map(({ msgId }) => String(msgId));
  expect(found.queue).toEqual(ids("queue"));
  // PGMQ archives dead letters too.
  expect(found.archive).toEqual(ids("archive", "dead"));
  expect(found.dead).toEqual(
    model.letters.filter(({ isThere }) => isThere).map(({ job }) => String(job.msgId)),
  );
  expect(found.published).toBe(model.publications);
  expect(found.open).toBe(model.attempts.filter((attempt) => attempt.outcome === null).length);
  const read = <Key extends "film" | "status">(key: Key, unsaid: string): Record<string, string> =>
    Object.fromEntries(
      model.capsules
        .map((state, index) => [must(capsules[index]), state[key]] as const)
        .filter(([, value]) => value !== unsaid),
    );
  expect(found.films ?? {}).toEqual(read("film", "none"));
  expect(found.statuses ?? {}).toEqual(read("status", "gone"));
}
