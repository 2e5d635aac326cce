import fc from "fast-check";
import { expect } from "vitest";

import { KeepsakeError } from "../../../dist/errors.js";
import { sendHeartbeat } from "../../../dist/queue/heartbeat.js";
import { claimJob, type ClaimedJob } from "../../../dist/queue/claim-job.js";
import { discardDeadLetter, listDeadLetters, retryDeadLetter } from "../../../dist/operator/dead-letters.js";
import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import { cancelCapsule } from "../../../dist/operator/operate.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { requeueStuckCapsules } from "../../../dist/operator/requeue.js";
import { reportOutage } from "../../../dist/queue/finish-attempt.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
import type { FinishedOutcome } from "./model-parts.js";
import { filmOf, must, never, payloadFor, type QueueRig } from "./queue-rig.js";

/** The next action of one caller. Its numbers select an attempt, a dead letter or a capsule at that moment. */
export interface Act {
  readonly do:
    | "claim"
    | "acquire"
    | "heartbeat"
    | "publish"
    | "finish"
    | "report outage"
    | "time passes"
    | "cancel"
    | "enqueue"
    | "change"
    | "reopen"
    | "close"
    | "sweep"
    | "letter";
  readonly which: number;
  readonly outcome: Exclude<FinishedOutcome, "timed-out">;
}

const act: fc.Arbitrary<Act> = fc.record({
  do: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom("claim" as const, "acquire" as const) },
    {
      weight: 4,
      arbitrary: fc.constantFrom("publish" as const, "finish" as const, "time passes" as const),
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        ...([
          "heartbeat",
          "report outage",
          "cancel",
          "enqueue",
          "change",
          "reopen",
          "close",
          "sweep",
          "letter",
        ] as const),
      ),
    },
  ),
  which: fc.nat({ max: 3 }),
  outcome: fc.constantFrom<Exclude<FinishedOutcome, "timed-out">>(
    ...(["duplicate", "interrupted", "setup", "cancelled", "failed", "crashed", "rejected"] as const),
  ),
});

/** Several people at once, each doing one thing after the other. */
export const crowds: fc.Arbitrary<Act[][]> = fc.array(fc.array(act, { minLength: 5, maxLength: 25 }), {
  minLength: 3,
  maxLength: 6,
});

interface Hands {
  readonly rig: QueueRig;
  readonly capsules: readonly string[];
  readonly attempts: (ClaimedJob & { readonly capsuleId: string })[];
  sent: number;
  archivedByCancel: number;
}

/** The replies are not predicted. No call may wait forever or deadlock, and no job may be lost or in two places. */
export async function playCrowd(rig: QueueRig, crowd: readonly (readonly Act[])[]): Promise<void> {
  await rig.clear();
  const capsules = [await rig.addCapsule(), await rig.addCapsule()];
  const hands: Hands = { rig, capsules, attempts: [], sent: 0, archivedByCancel: 0 };
  for (const capsuleId of [...capsules, ...capsules]) await rig.send(payloadFor(capsuleId));
  hands.sent = capsules.length * 2;
  await Promise.all(
    crowd.map(async (acts) => {
      for (const one of acts) await perform(hands, one);
    }),
  );
  await expectOrder(hands);
  await finish(hands);
  await expectOrder(hands);
  const [left] = await rig.sql<{ jobs: number }[]>`
    select count(*)::int as jobs from pgmq.q_video_jobs_queue`;
  expect(left?.jobs).toBe(0);
}

async function perform(hands: Hands, one: Act): Promise<void> {
  try {
    await (performers[one.do] ?? must(null))(hands, one);
  } catch (error) {
    const expectedCodes = ["capsule-not-closed", "dead-letter-not-found", "capsule-not-found"];
    if (!(error instanceof KeepsakeError) || !expectedCodes.includes(error.code)) throw error;
  }
}

const pick = <Value>(values: readonly Value[], which: number): Value | undefined =>
  values.at(-1 - which) ?? values.at(-1);

/** Does something with one of the attempts, old ones too; nothing when there is none. */
const withAttempt =
  (run: (hands: Hands, attempt: Hands["attempts"][number], one: Act) => Promise<unknown>) =>
  async (hands: Hands, one: Act): Promise<void> => {
    const attempt = pick(hands.attempts, one.which);
    if (attempt !== undefined) await run(hands, attempt, one);
  };

const capsuleOf = ({ capsules }: Hands, { which }: Act): string => must(capsules[which % capsules.length]);

const setStatus =
  (status: string) =>
  async (hands: Hands, one: Act): Promise<void> => {
    const id = capsuleOf(hands, one);
    await hands.rig.sql`update public.capsules set status = ${status} where id = ${id}::uuid`;
  };

const performers: Readonly<Record<Act["do"], (hands: Hands, one: Act) => Promise<void>>> = {
  claim: async ({ rig, attempts }) => {
    const job = await claimJob(rig.database, "worker", 120);
    const payload = job?.message as { capsule_id: string } | undefined;
    if (job !== null && payload !== undefined) attempts.push({ ...job, capsuleId: payload.capsule_id });
  },
  acquire: withAttempt(({ rig }, attempt) => acquireCapsule(rig.database, attempt, attempt.capsuleId)),
  heartbeat: withAttempt(({ rig }, attempt) => sendHeartbeat(rig.database, attempt, 120, null)),
  publish: withAttempt(({ rig }, attempt) => publishFilm(rig.database, attempt, filmOf(attempt.capsuleId))),
  finish: withAttempt(({ rig }, attempt, { outcome }) => {
    const film = outcome === "duplicate" ? filmOf(attempt.capsuleId) : null;
    return finishAttempt(rig.database, attempt, {
      outcome,
      code: null,
      message: null,
      fingerprint: film?.fingerprint ?? null,
      contentDigest: film?.contentDigest ?? null,
    });
  }),
  "report outage": withAttempt(({ rig }, { claimId }) => reportOutage(rig.database, claimId, "It was away.")),
  "time passes": withAttempt(({ rig }, { msgId }) => rig.letTimePass(msgId)),
  cancel: async (hands, one) => {
    const { archived } = await cancelCapsule(hands.rig.database, capsuleOf(hands, one), never);
    hands.archivedByCancel += archived;
  },
  enqueue: async (hands, one) => {
    await enqueueCapsule(hands.rig.database, capsuleOf(hands, one), never);
  },
  change: async (hands, one) => {
    const id = capsuleOf(hands, one);
    await hands.rig
      .sql`insert into public.messages (capsule_id, content_text) values (${id}::uuid, 'One more.')`;
  },
  reopen: setStatus("active"),
  close: setStatus("closed"),
  sweep: async ({ rig }) => void (await requeueStuckCapsules(rig.database, never)),
  letter: async ({ rig }, { which, outcome }) => {
    const letter = pick(await listDeadLetters(rig.database, {}, never), which);
    if (letter === undefined) return;
    if (outcome === "rejected") await discardDeadLetter(rig.database, letter.msgId, never);
    else await retryDeadLetter(rig.database, letter.msgId, {}, never);
  },
};

/** Whatever is left is taken and refused, one after the other: a job that cannot be claimed any more is lost. */
async function finish({ rig }: Hands): Promise<void> {
  const pass = rig.sql`update pgmq.q_video_jobs_queue set vt = clock_timestamp() - interval '1 second'`;
  await pass;
  for (let job = await claimJob(rig.database, "worker", 120); job !== null;) {
    const settlement = { code: null, message: null };
    await finishAttempt(rig.database, job, { outcome: "rejected", ...settlement });
    job = await claimJob(rig.database, "worker", 120);
  }
}

/** The invariants of docs/job-states.md that hold at any moment, from outside: every row is a violation. */
async function expectOrder({ rig, archivedByCancel }: Hands): Promise<void> {
  const violations = await rig.sql<{ violation: string }[]>`
    with jobs as (
      select q.msg_id, q.read_ct, 'queue' as place from pgmq.q_video_jobs_queue as q
      union all
      select a.msg_id, a.read_ct, 'archive' from pgmq.a_video_jobs_queue as a
    ),
    letters as (
      select d.message from pgmq.q_video_jobs_dlq as d union all select d.message from pgmq.a_video_jobs_dlq as d
    ),
    ends as (
      select
        (select count(*) from jobs where jobs.place = 'archive') as archived,
        (select count(*) from keepsake.attempts as a where a.job_state = 'archived'
          and a.outcome in ('published', 'duplicate', 'cancelled')) as by_attempts,
        (select count(*) from letters) as dead_lettered
    )
    select 'job ' || id || ' is nowhere' as violation
    from generate_series(1, (select coalesce(max(jobs.msg_id), 0) from jobs)) as id
    where not exists (select from jobs where jobs.msg_id = id)
    union all
    select 'job ' || jobs.msg_id || ' is in ' || count(*) || ' places' from jobs
    group by jobs.msg_id having count(*) > 1
    union all
    select 'job ' || a.msg_id || ' has ' || count(*) || ' open attempts' from keepsake.attempts as a
    where a.outcome is null group by a.msg_id having count(*) > 1
    union all
    select 'the open attempt ' || a.msg_id || '/' || a.read_ct || ' is not its job''s last delivery'
    from keepsake.attempts as a
    where a.outcome is null and not exists (
      select from jobs where jobs.place = 'queue' and jobs.msg_id = a.msg_id and jobs.read_ct = a.read_ct
    )
    union all
    select 'job ' || a.msg_id || ' was archived ' || count(*) || ' times' from keepsake.attempts as a
    where a.job_state in ('archived', 'dead') group by a.msg_id having count(*) > 1
    union all
    select format('%s jobs are archived: %s by attempts, %s as dead letters, %s cancelled', archived, by_attempts, dead_lettered,
      ${archivedByCancel}::integer)
    from ends where archived <> by_attempts + dead_lettered + ${archivedByCancel}::integer
    union all
    select 'capsule ' || c.id || ' is completed and does not point at its film'
    from public.capsules as c left join keepsake.films as f on f.capsule_id = c.id
    where c.status = 'completed' and c.final_video_url is distinct from f.url`;
  expect(violations.map(({ violation }) => violation)).toEqual([]);
}
