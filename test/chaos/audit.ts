import type { ChaosEnvironment } from "./chaos-environment.js";

export interface Findings {
  readonly lost: readonly string[];
  readonly publishedTwice: readonly string[];
  readonly staleWrites: readonly string[];
}

interface Row {
  readonly violation: string;
}

/**
 * Checks what must be true after any attack, independently of Keepsake: in SQL, by the triggers of `audit-tables.ts`, and by
 * the storage server's log. Returns every violation as a sentence.
 */
export async function audit(environment: ChaosEnvironment): Promise<Findings> {
  const sentences = (rows: readonly Row[]): string[] => rows.map(({ violation }) => violation);
  return {
    lost: sentences(await lost(environment)),
    publishedTwice: sentences(await publishedTwice(environment)),
    staleWrites: [...sentences(await staleRows(environment)), ...(await wrongObjects(environment))],
  };
}

/** Every job that was ever sent is in the queue or archived, and every archived one for a reason that is written down. */
async function lost({ sql }: ChaosEnvironment): Promise<readonly Row[]> {
  return await sql<Row[]>`
    select 'job ' || id || ' is neither in the queue nor in the archive' as violation
    from generate_series(1, (select coalesce(max(msg_id), 0) from (
      select msg_id from pgmq.q_video_jobs_queue union all select msg_id from pgmq.a_video_jobs_queue
    ) as known)) as id
    where not exists (select from pgmq.q_video_jobs_queue as q where q.msg_id = id)
      and not exists (select from pgmq.a_video_jobs_queue as a where a.msg_id = id)
    union all
    select 'job ' || gone.msg_id || ' was archived without an end'
    from pgmq.a_video_jobs_queue as gone
    where not exists (
      select from keepsake.attempts as a
      where a.msg_id = gone.msg_id and a.enqueued_at = gone.enqueued_at
        and a.outcome in ('published', 'duplicate', 'cancelled')
    ) and not exists (
      select from (
        select message from pgmq.q_video_jobs_dlq union all select message from pgmq.a_video_jobs_dlq
      ) as letter
      where (letter.message -> 'source' ->> 'msg_id')::bigint = gone.msg_id
    )
    union all
    select 'job ' || q.msg_id || ' is in the queue and in the archive'
    from pgmq.q_video_jobs_queue as q join pgmq.a_video_jobs_queue as a using (msg_id)
    union all
    select 'capsule ' || c.id || ' has neither a film, nor a job, nor a dead letter'
    from public.capsules as c
    where c.status = 'closed' and exists (
        select from pgmq.a_video_jobs_queue as a where a.message ->> 'capsule_id' = c.id::text
      )
      and not exists (select from pgmq.q_video_jobs_queue as q where q.message ->> 'capsule_id' = c.id::text)
      and not exists (select from pgmq.q_video_jobs_dlq as d where d.message ->> 'capsule_id' = c.id::text)
      and not exists (select from keepsake.films as f where f.capsule_id = c.id and f.state = 'cancelled')`;
}

async function publishedTwice({ sql }: ChaosEnvironment): Promise<readonly Row[]> {
  return await sql<Row[]>`
    select 'capsule ' || a.capsule_id || ' was published ' || count(*) || ' times with one fingerprint' as violation
    from keepsake.attempts as a where a.outcome = 'published'
    group by a.capsule_id, a.fingerprint having count(*) > 1
    union all
    select 'capsule ' || w.capsule_id || ' was pointed ' || count(*) || ' times at ' || w.became
    from chaos.writes as w where w.place = 'capsule'
    group by w.capsule_id, w.became having count(*) > 1
    union all
    select 'capsule ' || c.id || ' is completed and does not point at its film'
    from public.capsules as c left join keepsake.films as f on f.capsule_id = c.id
    where c.status = 'completed' and (c.final_video_url is distinct from f.url or f.state <> 'published')`;
}

async function staleRows({ sql }: ChaosEnvironment): Promise<readonly Row[]> {
  return await sql<Row[]>`
    select format('%s wrote the %s of capsule %s (job %s, delivery %s: %s) without holding the job',
      w.worker, w.place, w.capsule_id, w.msg_id, w.read_ct, w.became) as violation
    from chaos.writes as w where not w.rightful`;
}

/** No object was written by an attempt whose job had gone to another one, and the object there is the published one. */
async function wrongObjects({ sql, objectWrites, storage }: ChaosEnvironment): Promise<readonly string[]> {
  const violations: string[] = [];
  const attempts = await sql<{ key: string; nextAt: Date | null }[]>`
    select msg_id || '/' || read_ct as key,
      lead(started_at) over (partition by msg_id, enqueued_at order by read_ct) as "nextAt"
    from keepsake.attempts`;
  const nextAt = new Map(attempts.map((attempt) => [attempt.key, attempt.nextAt]));
  for (const { at, name, attempt } of objectWrites) {
    if (attempt === null) continue;
    const next = nextAt.get(`${attempt.msgId}/${attempt.readCount}`);
    if (next === undefined) violations.push(`${name} was written by nobody's attempt`);
    if (next instanceof Date && at > next.getTime()) {
      const { worker, msgId, readCount } = attempt;
      violations.push(
        `${name} was written by ${worker} (job ${msgId}, delivery ${readCount}) ${at - next.getTime()} ms after the job was claimed again`,
      );
    }
  }
  const films = await sql<{ name: string; sha256: string; fingerprint: string }[]>`
    select 'videos/' || capsule_id || '.mp4' as name, sha256, fingerprint
    from keepsake.films where state = 'published'`;
  const last = new Map(objectWrites.map((write) => [write.name, write.sha256]));
  for (const { name, sha256, fingerprint } of films) {
    const metadata = storage.objects.get(name)?.metadata as { fingerprint?: unknown } | undefined;
    if (last.get(name) !== sha256 || metadata?.fingerprint !== fingerprint)
      violations.push(`${name} in storage is not the film that was published`);
  }
  return violations;
}
