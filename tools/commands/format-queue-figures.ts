import type { BenchQueueResult } from "../bench/bench-queue.js";

/** Formats the figures of `npm run bench -- queue`. */
export function formatQueueFigures(result: BenchQueueResult): readonly string[] {
  const { server, throughput, calls, idleClaims, waiting, archived, idle, recovery } = result;
  const milliseconds = (value: number | undefined): string => (value?.toFixed(1) ?? "").padStart(9);
  const disk = server.durable ? "waits for its disk" : "does not wait for its disk (--durable makes it wait)";
  return [
    `${server.version}, embedded; it ${disk}.`,
    "",
    "workers   jobs/s   claim p50, p99 ms   publish p50, p99 ms   statements and CPU ms a job",
    ...throughput.map(({ workers, jobsPerSecond, statementsPerJob, cpuMsPerJob, calls: busy }) =>
      [
        String(workers).padStart(7),
        jobsPerSecond.toFixed(0).padStart(9),
        milliseconds(busy["claim"]?.p50Ms),
        milliseconds(busy["claim"]?.p99Ms),
        milliseconds(busy["publish"]?.p50Ms).padStart(11),
        milliseconds(busy["publish"]?.p99Ms),
        statementsPerJob.toFixed(1).padStart(13),
        cpuMsPerJob.toFixed(1).padStart(9),
      ].join(""),
    ),
    "",
    `Round trips of one caller, p50 and p99 in ms: with an empty queue; with ${waiting} jobs waiting and ${archived}`,
    "archived; with all of these waiting jobs delayed, before the visible one.",
    ...Object.keys(calls.empty).map((name) => {
      const columns = [calls.empty[name], calls.full[name], calls.putOff[name]];
      return (
        name.padEnd(24) +
        columns.map((one) => milliseconds(one?.p50Ms) + milliseconds(one?.p99Ms)).join("   ")
      );
    }),
    `A claim that finds no job: ${idleClaims.empty.p50Ms.toFixed(1)} ms; with ${waiting} delayed jobs ${idleClaims.putOff.p50Ms.toFixed(1)} ms.`,
    "",
    ...idle.workers.map(
      ({ name, films, statements, statementsPerSecond, connections }) =>
        `${name}, ${films === 0 ? "with nothing to do" : "one film and a free slot"}: ${statements} statements in ` +
        `${idle.seconds} s, ${statementsPerSecond.toFixed(3)}/s, on ${connections} connections`,
    ),
    "",
    `${recovery.jobs} jobs of a killed worker were claimed by another one after ${recovery.p50Seconds.toFixed(1)} s (worst ` +
      `${recovery.worstSeconds.toFixed(1)} s): ${recovery.worstAfterLeaseSeconds.toFixed(1)} s at worst after the end of ` +
      `the lease of ${recovery.leaseSeconds} s.`,
  ];
}
