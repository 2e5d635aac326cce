import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { attack } from "./attack.js";
import type { ChaosEnvironment } from "./chaos-environment.js";
import { findProcesses } from "./find-processes.js";

const settings = {
  slots: 4,
  leaseSeconds: 20,
  heartbeatSeconds: 2,
  leaseMarginSeconds: 5,
  drainSeconds: 30,
  busyPollSeconds: 0.05,
  idlePollSeconds: 1,
};
const waitingJobs = 200;
const watchedTables = [
  "pgmq.q_video_jobs_queue",
  "keepsake.attempts",
  "keepsake.films",
  "keepsake.workers",
  "keepsake.queue_state",
];

/** The state at one moment: the largest worker, all connections, and the dead rows of the tables. */
interface Sample {
  readonly seconds: number;
  readonly jobs: number;
  readonly rssMebibytes: number;
  readonly fileDescriptors: number;
  readonly threads: number;
  readonly processes: number;
  readonly connections: number;
  readonly deadRows: Readonly<Record<string, number>>;
  readonly queueKibibytes: number;
}

/** Runs at full speed for a long time: only archives may grow. `KEEPSAKE_SOAK_MINUTES` sets the time. */
attack(
  "soak",
  {
    small: { workers: 2, minutes: 0.25, sampleSeconds: 1, settings },
    full: {
      workers: 2,
      minutes: Number(process.env["KEEPSAKE_SOAK_MINUTES"] ?? 60),
      sampleSeconds: 10,
      settings,
    },
  },
  async (dose, environment) => {
    const workers = Array.from({ length: dose.workers }, () => environment.startWorker(dose.settings));
    const samples: Sample[] = [];
    const startedAt = performance.now();
    const secondsPassed = (): number => (performance.now() - startedAt) / 1000;
    let sent = 0;
    while (secondsPassed() < dose.minutes * 60) {
      const waiting = await jobsLeft(environment);
      const missing = Math.max(0, waitingJobs - waiting);
      await environment.enqueue(Array.from({ length: missing }, () => ({ seconds: 0 })));
      sent += missing;
      samples.push(await takeSample(environment, secondsPassed(), sent - waiting));
      await sleep(dose.sampleSeconds * 1000);
    }
    await environment.until("every job is done", async () => (await jobsLeft(environment)) === 0, 400);
    for (const worker of workers) worker.kill("SIGTERM");
    await Promise.all(workers.map(({ exited }) => exited));

    // The first fifth is warm-up: code is compiled, pools are filled.
    const steady = samples.slice(Math.ceil(samples.length / 5));
    const measures: Record<string, (sample: Sample) => number> = {
      rssMebibytes: (sample) => sample.rssMebibytes,
      fileDescriptors: (sample) => sample.fileDescriptors,
      threads: (sample) => sample.threads,
      processes: (sample) => sample.processes,
      connections: (sample) => sample.connections,
      queueKibibytes: (sample) => sample.queueKibibytes,
      ...Object.fromEntries(
        watchedTables.map((table) => [
          `deadRows ${table}`,
          (sample: Sample): number => sample.deadRows[table] ?? 0,
        ]),
      ),
    };
    const growth = Object.fromEntries(
      Object.entries(measures).map(([name, read]) => [name, describeGrowth(steady, read)]),
    );
    return {
      figures: {
        workers: dose.workers,
        minutes: dose.minutes,
        jobs: sent,
        jobsPerSecond: round(sent / secondsPassed()),
        samples: samples.length,
        growth,
      },
      // A short run shows nothing about memory, so the small dose checks only numbers such as connections.
      violations: violationsOf(growth, dose.minutes >= 5),
    };
  },
);

interface Growth {
  readonly first: number;
  readonly last: number;
  readonly most: number;
  /** The slope of the line through all samples. */
  readonly anHour: number;
}

function describeGrowth(samples: readonly Sample[], read: (sample: Sample) => number): Growth {
  const points = samples.map((sample) => [sample.seconds / 3600, read(sample)] as const);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const below = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const values = points.map(([, y]) => y);
  return {
    first: values[0] ?? 0,
    last: values.at(-1) ?? 0,
    most: Math.max(0, ...values),
    anHour: round(below === 0 ? 0 : above / below),
  };
}

/** An hour may add so much to the first steady value; beside it a line through noise has some slope. */
const maxAnHour: Readonly<Record<string, number>> = {
  rssMebibytes: 30,
  fileDescriptors: 4,
  threads: 2,
  connections: 2,
};

function violationsOf(growth: Readonly<Record<string, Growth>>, isLong: boolean): string[] {
  const violations: string[] = [];
  for (const [name, { first, most, anHour }] of Object.entries(growth)) {
    const allowed = maxAnHour[name];
    if (isLong && allowed !== undefined && anHour > allowed && most > first + allowed)
      violations.push(`${name} grows by ${anHour} an hour`);
    if (name.startsWith("deadRows") && most > 200_000) violations.push(`${name}: ${most}`);
  }
  return violations;
}

async function takeSample(environment: ChaosEnvironment, seconds: number, jobs: number): Promise<Sample> {
  const alive = environment.workers.map(({ pid }) => readProcess(pid)).filter((found) => found !== null);
  const most = (read: (found: ProcessState) => number): number => Math.max(0, ...alive.map(read));
  const tables = await environment.sql<{ name: string; dead: number }[]>`
    select schemaname || '.' || relname as name, n_dead_tup::int as dead from pg_stat_user_tables`;
  const [row] = await environment.sql<{ connections: number; queueKibibytes: number }[]>`
    select
      (select count(*)::int from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and application_name like 'worker-%'
      ) as connections,
      (pg_total_relation_size('pgmq.q_video_jobs_queue') / 1024)::int as "queueKibibytes"`;
  return {
    seconds,
    jobs,
    rssMebibytes: most(({ rssMebibytes }) => rssMebibytes),
    fileDescriptors: most(({ fileDescriptors }) => fileDescriptors),
    threads: most(({ threads }) => threads),
    processes: (await findProcesses(environment.folder)).length,
    connections: row?.connections ?? 0,
    deadRows: Object.fromEntries(tables.map(({ name, dead }) => [name, dead])),
    queueKibibytes: row?.queueKibibytes ?? 0,
  };
}

interface ProcessState {
  readonly rssMebibytes: number;
  readonly fileDescriptors: number;
  readonly threads: number;
}

/** Reads Linux's `/proc`. Returns null on other systems, and for a process that has ended. */
function readProcess(pid: number): ProcessState | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const number = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
    return {
      rssMebibytes: Math.round(number("VmRSS") / 1024),
      fileDescriptors: readdirSync(`/proc/${pid}/fd`).length,
      threads: number("Threads"),
    };
  } catch {
    return null;
  }
}

async function jobsLeft({ sql }: ChaosEnvironment): Promise<number> {
  const [row] = await sql<{ jobs: number }[]>`select count(*)::int as jobs from pgmq.q_video_jobs_queue`;
  return row?.jobs ?? 0;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
