import { attack } from "./attack.js";
import { commit, type Fault } from "../integration/storage/faults.js";

const settings = {
  slots: 8,
  leaseSeconds: 20,
  heartbeatSeconds: 2,
  leaseMarginSeconds: 5,
  drainSeconds: 30,
  storeSettings: { stallSeconds: 1, retrySeconds: 10 },
};
const page = "<html><h1>502 Bad Gateway</h1></html>";
const megabyte = 1024 * 1024;

/** Storage has each kind of fault, at random requests of all workers. */
attack(
  "storage",
  {
    small: { workers: 2, jobs: 30, seconds: [0.1, 0.5], faultShare: 0.2, largeShare: 0.1, settings },
    full: { workers: 4, jobs: 400, seconds: [0.2, 2], faultShare: 0.3, largeShare: 0.2, settings },
  },
  async (dose, environment) => {
    const pick = <Value>(values: readonly Value[]): Value =>
      values[Math.floor(environment.random() * values.length)] as Value;
    const faults: Record<string, () => Fault> = {
      overloaded: () => ({ answer: pick([429, 500, 502, 503, 504, 544]), body: page }),
      "asks to wait": () => ({ answer: 429, headers: { "retry-after": "1" } }),
      locked: () => ({ answer: 423 }),
      "a proxy's page": () => ({ answer: 200, body: page }),
      "half a JSON": () => ({ answer: 200, body: '{"Key":"vid' }),
      "silent, unread": () => ({ hang: "unread" }),
      "silent, read": () => ({ hang: "read" }),
      "silent, done": () => ({ hang: "done" }),
      "cut request": () => ({ cutRequestAt: Math.floor(environment.random() ** 3 * 7 * megabyte) }),
      "cut reply": () => ({ cutReplyAt: Math.floor(environment.random() * 300) }),
    };
    const done: Record<string, number> = {};
    environment.setIntercept((request, response) => {
      if (environment.random() > dose.faultShare) return false;
      const [name, fault] = pick(Object.entries(faults));
      // A reply about the bucket is trusted, so that a wrong address is reported at once. A fault in it fails an attempt.
      done[name] = (done[name] ?? 0) + 1;
      return commit(fault(), request, response);
    });
    const [least = 0, most = 0] = dose.seconds;
    await environment.enqueue(
      Array.from({ length: dose.jobs }, () => ({
        seconds: least + environment.random() * (most - least),
        ...(environment.random() < dose.largeShare ? { sizeBytes: 7 * megabyte } : {}),
      })),
    );
    const workers = Array.from({ length: dose.workers }, () => environment.startWorker(dose.settings));
    let rounds = 0;
    const isDone = async (): Promise<boolean> => {
      rounds += 1;
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
    await environment.until("every job is done", isDone, 1_800);
    for (const worker of workers) worker.kill("SIGTERM");
    await Promise.all(workers.map(({ exited }) => exited));

    const ends = await environment.sql<{ outcome: string; code: string | null; count: number }[]>`
      select outcome, error_code as code, count(*)::int as count from keepsake.attempts
      group by outcome, error_code order by count(*) desc`;
    const strange = ends.filter(({ code }) => code !== null && !expectedCodes.has(code));
    const [dead] = await environment.sql<
      { count: number }[]
    >`select count(*)::int as count from pgmq.q_video_jobs_dlq`;
    return {
      figures: {
        workers: dose.workers,
        jobs: dose.jobs,
        requests: environment.storage.requests.length,
        faults: done,
        ends: Object.fromEntries(
          ends.map(({ outcome, code, count }) => [code === null ? outcome : `${outcome} (${code})`, count]),
        ),
        deadLetters: dead?.count,
      },
      violations: strange.map(({ code, count }) => `${count} attempts ended as ${code}`),
    };
  },
);

const expectedCodes = new Set(["storage-unavailable", "storage-refused", "storage-outage"]);
