import { KeepsakeError } from "../../dist/errors.js";
import type { BenchQueueOptions } from "./queue-options.js";
import { addCapsules, sendJobs } from "./fill-queue.js";
import type { QueueEnvironment } from "./open-queue-environment.js";
import type { QueueWorkerInput, QueueWorkerOutput } from "./queue-worker-child.js";
import { holdStart } from "./start-lock.js";
import { startQueueWorkers } from "./start-queue-workers.js";
import { summariseCalls, type CallTimes } from "./time-calls.js";

export interface Throughput {
  readonly workers: number;
  readonly jobs: number;
  /** Seconds from the first claim to the last publication, by the server's clock. */
  readonly seconds: number;
  readonly jobsPerSecond: number;
  /** CPU time of the workers' processes per job. */
  readonly cpuMsPerJob: number;
  /** Number of statements that the server counted per job. */
  readonly statementsPerJob: number;
  /** Round trips while all workers are running. */
  readonly calls: Readonly<Record<string, CallTimes>>;
}

const leaseSeconds = 120;

/** Lets several workers finish all jobs without making films, and measures the rest of the work for a job. */
export async function measureThroughput(
  environment: QueueEnvironment,
  workerCount: number,
  jobCount: number,
  options: Pick<BenchQueueOptions, "folder" | "signal">,
): Promise<Throughput> {
  const { database } = environment;
  await sendJobs(database, await addCapsules(database, jobCount));
  const names = Array.from({ length: workerCount }, (_, index) => `bench-${workerCount}-${index + 1}`);
  const inputs: QueueWorkerInput[] = [];
  for (const name of names) {
    inputs.push({ url: await environment.addWorker(name), name, slots: 1, leaseSeconds, films: "empty" });
  }
  let outputs: readonly QueueWorkerOutput[] = [];
  {
    await using workers = startQueueWorkers(inputs, options);
    await holdStart(database, async () => {
      await workers.ready;
      await environment.forgetStatements();
    });
    outputs = await workers.ended;
  }
  const published = outputs.reduce((sum, output) => sum + output.published, 0);
  if (published !== jobCount) {
    throw new KeepsakeError("internal", `${jobCount} jobs were sent, but ${published} were published.`);
  }
  const statements = await environment.countStatements();
  const [span] = await database.sql<{ seconds: number }[]>`
    select extract(epoch from max(a.ended_at) - min(a.started_at))::double precision as seconds
    from keepsake.attempts as a
    where a.worker in ${database.sql(names)}`;
  const seconds = span?.seconds ?? Number.NaN;
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    workers: workerCount,
    jobs: jobCount,
    seconds,
    jobsPerSecond: jobCount / seconds,
    cpuMsPerJob: (sum(outputs.map((output) => output.cpuSeconds)) * 1000) / jobCount,
    statementsPerJob: sum(names.map((name) => statements.get(name) ?? 0)) / jobCount,
    calls: summariseCalls(outputs.map((output) => output.times)),
  };
}
