import type { Overview, RunningFilm, WorkerSeen } from "../../operator/read-status.js";
import { counted } from "./counted.js";
import { formatTable } from "./format-table.js";
import { formatDuration } from "./format-time.js";
import { wrapText } from "./wrap-text.js";

const quietSeconds = 60;
const nameWidth = 30;
const maxGroupedLetters = 2000;

/**
 * Formats the state of the queue on one screen. Sentences are wrapped at 100 characters; tables are as wide as their ids.
 * @param columns width of the terminal, where it is smaller
 */
export function formatStatus(status: Overview, columns: number | null = null): string[] {
  const { failures, deadLetters } = status;
  const wrap = (first: string, text: string): string[] => wrapText(first, text, columns);
  return [
    ...wrap("queue    ", queueLine(status)),
    ...(status.paused ? wrap("paused   ", pausedLine(status)) : []),
    ...wrap("workers  ", workersLine(status)),
    ...wrap("dead     ", deadLine(status)),
    ...(status.stuckSeen === 0
      ? []
      : wrap(
          "stuck    ",
          `${counted(status.stuckSeen, "closed capsule")} without a job: a worker's next sweep, some minutes ` +
            "later, enqueues it; `keepsake requeue` does it now",
        )),
    ...(status.incomplete.count === 0 ? [] : wrap("missing  ", missingLine(status.incomplete))),
    ...section("films being made", ["capsule", "try", "stage", "for", "worker"], status.running.map(filmRow)),
    ...section("workers", ["name", "version", "slots", "up", "last seen", ""], status.workers.map(workerRow)),
    ...status.workers.flatMap(({ name, notClaiming }) =>
      notClaiming === null ? [] : wrap("  ", `${lastOf(name, nameWidth)} claims no jobs: ${notClaiming}`),
    ),
    ...section(
      "jobs that wait until you fix something",
      ["code", "jobs", "next try"],
      status.setupHolds.map(({ code, count, nextTrySeconds }) => [
        code ?? "-",
        String(count),
        nextTrySeconds < 1 ? "now" : `in ${formatDuration(nextTrySeconds)}`,
      ]),
    ),
    ...status.setupHolds.flatMap(({ code, message }) => wrap("  ", `${code ?? "-"}: ${message ?? ""}`)),
    ...(status.setupHolds.length === 0
      ? []
      : wrap(
          "  ",
          "`keepsake films --state waiting` lists their capsules; `keepsake enqueue <capsule-id> --now` tries one " +
            "of them now.",
        )),
    ...section(
      "attempts that failed within a day",
      ["code", "attempts", "last"],
      failures.map(({ code, count, lastAgeSeconds }) => [
        code ?? "-",
        String(count),
        `${formatDuration(lastAgeSeconds)} ago`,
      ]),
    ),
    ...section(
      // The database groups only the newest ones by their code.
      status.deadLetterCount > maxGroupedLetters ? "the newest 2,000 dead letters" : "dead letters",
      ["code", "jobs", "last"],
      deadLetters.map(({ code, count, lastAgeSeconds }) => [
        code ?? "-",
        String(count),
        `${formatDuration(lastAgeSeconds)} ago`,
      ]),
    ),
  ];
}

function queueLine(status: Overview): string {
  const { visibleCount, delayedCount, inFlightCount, oldestWaitingSeconds } = status;
  if (status.pendingCount === 0) return "empty: nothing waits";
  const oldest =
    oldestWaitingSeconds === null ? "" : `, the oldest for ${formatDuration(oldestWaitingSeconds)}`;
  return [
    `${visibleCount} waiting${oldest}`,
    ...(delayedCount === 0 ? [] : [`${delayedCount} delayed`]),
    `${inFlightCount} being made`,
  ].join("; ");
}

/** Above this number the database estimates the count. */
const maxCountedLetters = 50_000;

function deadLine({ deadLetters, deadLetterCount }: Overview): string {
  if (deadLetters.length === 0) return "nothing has failed for good";
  const about = deadLetterCount > maxCountedLetters ? "about " : "";
  return `${about}${counted(deadLetterCount, "dead letter")}; \`keepsake failed\` lists them`;
}

function pausedLine({ pausedSeconds, pausedBy, pausedReason }: Overview): string {
  const since = pausedSeconds === null ? "" : `for ${formatDuration(pausedSeconds)}`;
  const who = pausedBy === null ? "" : ` by ${pausedBy}`;
  return `${since}${who}${pausedReason === null ? "" : `: ${pausedReason}`}; \`keepsake resume\` lets workers claim jobs again`;
}

function workersLine({ workersSeen, visibleCount, workers }: Overview): string {
  const idle = workers.filter(({ notClaiming }) => notClaiming !== null).length;
  if (workersSeen === 0)
    return visibleCount > 0 ? "none: jobs are waiting, and no worker is running" : "none";
  return `${workersSeen} seen within a minute${idle === 0 ? "" : `, ${idle} of them claiming no jobs`}`;
}

function missingLine({ count, codes }: Overview["incomplete"]): string {
  const reasons = codes.map((one) => `${one.code} ${one.count}`).join(", ");
  return `films published with something missing within a day: ${count} (${reasons}); \`keepsake films --warnings\` lists them`;
}

function section(title: string, names: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : ["", title, ...formatTable(names, rows).map((line) => `  ${line}`)];
}

function filmRow(film: RunningFilm): string[] {
  const stopping = film.cancelRequested ? "stopping; " : "";
  return [
    film.capsuleId ?? `(job ${film.msgId})`,
    String(film.attemptNumber),
    `${stopping}${film.stage === null ? "begins" : `${film.stage} ${amount(film)}`}`,
    formatDuration(film.elapsedSeconds),
    lastOf(film.worker, 18),
  ];
}

function amount({ done, total, unit }: RunningFilm): string {
  if (done === null || total === null) return "";
  if (unit !== "bytes") return `${done}/${total} ${unit ?? ""}`.trim();
  return `${(done / 2 ** 20).toFixed(1)}/${(total / 2 ** 20).toFixed(1)} MiB`;
}

function workerRow(worker: WorkerSeen): string[] {
  // A worker that claimed jobs when it was last seen may have died since.
  const claiming = worker.notClaiming === null ? "" : "claims no jobs, see below";
  return [
    lastOf(worker.name, nameWidth),
    worker.version ?? "-",
    worker.slots === null ? "-" : String(worker.slots),
    formatDuration(worker.upSeconds),
    `${formatDuration(worker.seenSeconds)} ago`,
    worker.seenSeconds > quietSeconds ? "dead, or cut off" : claiming,
  ];
}

/** Shortens a name from the front, because the names of workers on one machine differ at the end. */
function lastOf(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `…${text.slice(1 - maxLength)}`;
}
