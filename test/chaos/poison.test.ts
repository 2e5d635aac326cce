import { randomUUID } from "node:crypto";

import { attack } from "./attack.js";

const settings = {
  slots: 4,
  leaseSeconds: 20,
  heartbeatSeconds: 2,
  leaseMarginSeconds: 5,
  drainSeconds: 30,
  busyPollSeconds: 0.05,
  idlePollSeconds: 0.5,
};
const good = (capsuleId: string) => ({
  capsule_id: capsuleId,
  job_type: "generate_video",
  created_at: "2026-05-01T00:00:00Z",
  status: "pending",
  priority: 1,
  retry_count: 0,
});
const megabyte = "x".repeat(1024 * 1024);

/** Payloads made of the id of a valid capsule, each with the error code of its dead letter; null: it is published. */
const poisons: Readonly<Record<string, readonly [(capsuleId: string) => unknown, string | null]>> = {
  null: [() => null, "payload-invalid"],
  "a number": [() => 7, "payload-invalid"],
  "a list": [() => [], "payload-invalid"],
  "an empty object": [() => ({}), "payload-invalid"],
  "words that are no JSON": [() => "{not json", "payload-invalid"],
  "no id": [() => good("the one of grandmother"), "payload-invalid"],
  "an unknown job type": [(id) => ({ ...good(id), job_type: "make_coffee" }), "payload-invalid"],
  "a megabyte of nothing": [() => megabyte, "payload-invalid"],
  "no such capsule": [() => good(randomUUID()), "capsule-not-found"],
  "encoded twice": [(id) => JSON.stringify(good(id)), null],
  "fields of the future": [(id) => ({ ...good(id), version: 9, options: { music: [null] } }), null],
  "a megabyte beside": [(id) => ({ ...good(id), notes: megabyte }), "payload-invalid"],
  "as much as is taken beside": [(id) => ({ ...good(id), notes: "x".repeat(60_000) }), null],
};

/** Jobs that cannot work lie between jobs that can, and some whose film kills its process each time. */
attack(
  "poison",
  {
    small: { workers: 2, rounds: 2, settings },
    full: { workers: 4, rounds: 25, settings },
  },
  async (dose, environment) => {
    const workers = Array.from({ length: dose.workers }, () => environment.startWorker(dose.settings));
    const expected = new Map<string, { readonly what: string; readonly code: string | null }>();
    for (let round = 0; round < dose.rounds; round += 1) {
      for (const [what, [make, code]] of Object.entries(poisons)) {
        const capsuleId = randomUUID();
        const plan = JSON.stringify({ seconds: 0.1 });
        if (code === null) {
          await environment.sql`
            insert into public.capsules (id, title, status)
            values (${capsuleId}::uuid, 'Margaret Hollis', 'closed')`;
          await environment.sql`
            insert into public.messages (capsule_id, contributor_name, content_text)
            values (${capsuleId}::uuid, 'Daniel', ${plan})`;
        }
        const json = JSON.stringify(make(capsuleId));
        const [row] = await environment.sql<{ id: string }[]>`
          select pgmq.send('video_jobs_queue'::text, (${json}::text)::jsonb)::text as id`;
        expected.set(row?.id ?? "", { what, code });
        // A neighbour on either side.
        await environment.enqueue([{ seconds: 0.1 }]);
      }
      await environment.enqueue([{ seconds: 0.1, crash: true }]);
    }
    const isDone = async (): Promise<boolean> => {
      // This ends the backoff after a crash.
      const [row] = await environment.sql<{ left: number }[]>`
        with woken as (
          update pgmq.q_video_jobs_queue as job set vt = clock_timestamp()
          from keepsake.attempts as a
          where a.msg_id = job.msg_id and a.enqueued_at = job.enqueued_at and a.read_ct = job.read_ct
            and a.outcome is not null and job.vt > clock_timestamp()
        )
        select count(*)::int as left from pgmq.q_video_jobs_queue`;
      return row?.left === 0;
    };
    await environment.until("every job has its end", isDone, 600);
    for (const worker of workers) worker.kill("SIGTERM");
    await Promise.all(workers.map(({ exited }) => exited));

    const deaths = await environment.sql<{ id: string; code: string | null }[]>`
      select message -> 'source' ->> 'msg_id' as id, message ->> 'error_code' as code from pgmq.q_video_jobs_dlq`;
    const died = new Map(deaths.map(({ id, code }) => [id, code]));
    const violations = [...expected]
      .filter(([id, { code }]) => (died.get(id) ?? null) !== code)
      .map(
        ([id, { what, code }]) => `${what} ended as ${died.get(id) ?? "a film"}, not as ${code ?? "a film"}`,
      );
    const [ends] = await environment.sql<{ published: number; crashed: number }[]>`
      select
        count(*) filter (where outcome = 'published')::int as published,
        count(*) filter (where outcome = 'crashed')::int as crashed
      from keepsake.attempts`;
    const harmless = Object.values(poisons).filter(([, code]) => code === null).length;
    const films = dose.rounds * (Object.keys(poisons).length + harmless);
    if (ends?.published !== films) violations.push(`${ends?.published} films were published, not ${films}`);
    if (ends?.crashed !== dose.rounds * 3)
      violations.push(`${ends?.crashed} attempts crashed, not ${dose.rounds * 3}`);
    return {
      figures: { poisoned: expected.size + dose.rounds, deadLetters: deaths.length, ...ends },
      violations,
    };
  },
);
