import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";

import { beat } from "../../../dist/queue/beat.js";
import { claimJob } from "../../../dist/queue/claim-job.js";
import type { Fence } from "../../../dist/queue/fence.js";
import { cancelCapsule } from "../../../dist/queue/operate.js";
import { ownCapsule } from "../../../dist/queue/own-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { settleAttempt } from "../../../dist/queue/settle-attempt.js";
import { JobModel, type ModelAttempt, type SettledOutcome } from "./job-model.js";
import { filmOf, must, never, openQueueRig, payloadFor, type QueueRig } from "./queue-rig.js";

const runs = Number(process.env["KEEPSAKE_TEST_RUNS"] ?? 60);

let rig: QueueRig;
beforeAll(async () => {
  rig = await openQueueRig();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

/** `who` picks one of all attempts so far, ended and stale ones too; `capsule` one of two. */
type Step =
  | { readonly do: "send" | "reopen" | "close" | "change" | "cancel"; readonly capsule: number }
  | { readonly do: "claim" }
  | { readonly do: "own" | "beat" | "publish"; readonly who: number }
  | { readonly do: "time passes"; readonly who: number }
  | { readonly do: "settle"; readonly who: number; readonly outcome: SettledOutcome };

const capsule = fc.nat({ max: 1 });
// Mostly the latest attempts, at times an old one.
const who = fc.oneof(
  { weight: 3, arbitrary: fc.nat({ max: 1 }) },
  { weight: 1, arbitrary: fc.nat({ max: 9 }) },
);
const outcome = fc.constantFrom<SettledOutcome>("interrupted", "cancelled", "failed", "crashed", "rejected");
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("send" as const), capsule }) },
  { weight: 6, arbitrary: fc.constant({ do: "claim" } as const) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("own" as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("beat" as const, "publish" as const), who }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("time passes" as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("settle" as const), who, outcome }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("reopen" as const, "close" as const, "change" as const, "cancel" as const),
      capsule,
    }),
  },
);

/** What the film of an attempt is made of. */
const digests = new Map<ModelAttempt, string | null>();

async function play(steps: readonly Step[]): Promise<void> {
  await rig.clear();
  digests.clear();
  const model = new JobModel();
  const capsules = [await rig.addCapsule(), await rig.addCapsule()];
  for (const [index] of capsules.entries()) model.closed.set(index, true);
  for (const one of steps) {
    if ("who" in one) await playAttempt(one, model, capsules);
    else if (one.do === "claim") await playClaim(model);
    else await playApp(one.do, one.capsule, model, must(capsules[one.capsule]));
    await expectAgreement(model);
  }
}

async function playApp(
  what: "send" | "reopen" | "close" | "change" | "cancel",
  index: number,
  model: JobModel,
  capsuleId: string,
): Promise<void> {
  if (what === "send") {
    model.send(await rig.send(payloadFor(capsuleId)), index);
  } else if (what === "cancel") {
    expect(await cancelCapsule(rig.database, capsuleId, never)).toMatchObject(model.cancel(index));
  } else if (what === "change") {
    model.change(index);
    await rig.sql`
      insert into public.messages (capsule_id, content_text) values (${capsuleId}::uuid, 'One more.')`;
  } else {
    const status = what === "close" ? "closed" : "active";
    model.closed.set(index, what === "close");
    await rig.sql`update public.capsules set status = ${status} where id = ${capsuleId}::uuid`;
  }
}

async function playClaim(model: JobModel): Promise<void> {
  const expected = model.claim();
  const claimed = await claimJob(rig.database, "worker", 120);
  expect(claimed === null ? null : [claimed.msgId, claimed.readCount, claimed.attemptNumber]).toEqual(
    expected === null
      ? null
      : [expected.job.msgId, expected.readCount, expected.job.failures + expected.job.crashes + 1],
  );
}

async function playAttempt(
  one: Extract<Step, { who: number }>,
  model: JobModel,
  capsules: readonly string[],
): Promise<void> {
  const attempt = model.attempts.at(-1 - one.who);
  if (attempt === undefined) return;
  const { job } = attempt;
  if (one.do === "time passes") {
    await rig.letTimePass(job.msgId);
    if (job.place === "queue") job.visible = true;
    return;
  }
  const before = await rig.snapshot();
  const fence = { msgId: job.msgId, readCount: attempt.readCount };
  const capsuleId = must(capsules[job.capsule]);
  const answer = await callTransition(one, fence, capsuleId, digests.get(attempt) ?? null);
  expect(answer).toBe(one.do === "settle" ? model.settle(attempt, one.outcome) : model[one.do](attempt));
  if (one.do === "own" && attempt.owned) digests.set(attempt, await digestOf(capsuleId));
  if (["lost", "not-closed", "changed"].includes(answer)) expect(await rig.snapshot()).toEqual(before);
}

async function callTransition(
  one: Exclude<Extract<Step, { who: number }>, { do: "time passes" }>,
  fence: Fence,
  capsuleId: string,
  contentDigest: string | null,
): Promise<string> {
  const { database } = rig;
  if (one.do === "settle") {
    const unsaid = { code: null, message: null, stack: null, fingerprint: null };
    return (await settleAttempt(database, fence, { outcome: one.outcome, ...unsaid })).jobState;
  }
  if (one.do === "own") return await ownCapsule(database, fence, capsuleId);
  if (one.do === "beat") return await beat(database, fence, 120, null);
  return await publishFilm(database, fence, { ...filmOf(capsuleId), contentDigest });
}

async function digestOf(capsuleId: string): Promise<string | null> {
  const content = { capsule_id: capsuleId, max_messages: 500 };
  const { digest } = await rig.database.control.call<{ digest: string | null }>("capsule_content", content);
  return digest;
}

/** No job is in two places or in none, nothing was published that the model did not publish. */
async function expectAgreement(model: JobModel): Promise<void> {
  const [row] = await rig.sql<
    { queue: string[]; archive: string[]; dead: string[]; published: number; open: number }[]
  >`
    select
      array_to_json(array(select q.msg_id::text from pgmq.q_video_jobs_queue as q order by q.msg_id)) as queue,
      array_to_json(array(select a.msg_id::text from pgmq.a_video_jobs_queue as a order by a.msg_id)) as archive,
      array_to_json(array(
        select d.message -> 'source' ->> 'msg_id' from pgmq.q_video_jobs_dlq as d order by d.message -> 'source' -> 'msg_id'
      )) as dead,
      (select count(*)::int from keepsake.attempts where outcome = 'published') as published,
      (select count(*)::int from keepsake.attempts where outcome is null) as open`;
  const ids = (...places: string[]): string[] =>
    model.jobs.filter(({ place }) => places.includes(place)).map(({ msgId }) => String(msgId));
  expect(must(row).queue).toEqual(ids("queue"));
  // PGMQ archives what is buried, too.
  expect(must(row).archive).toEqual(ids("archive", "dead"));
  expect(must(row).dead).toEqual(ids("dead"));
  expect(must(row).published).toBe(model.publications);
  expect(must(row).open).toBe(model.attempts.filter((attempt) => attempt.outcome === null).length);
}

it(`lives as its model does, whatever is called in whatever order (${runs} lives)`, async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60, size: "max" }), play), {
    numRuns: runs,
  });
});
