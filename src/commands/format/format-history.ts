import type { CapsuleHistory, Operation, WaitingJob } from "../../operator/capsule-history.js";
import type { AttemptRow } from "../../operator/list-attempts.js";
import type { FilmRow } from "../../operator/list-films.js";
import { counted } from "./counted.js";
import { formatOperation } from "./format-operation.js";
import { formatDuration, formatTime } from "./format-time.js";
import { wrapText } from "./wrap-text.js";

interface HistoryEntry {
  readonly at: Date;
  readonly lines: readonly string[];
}

/**
 * Formats the state of a capsule and its history, oldest first.
 * @param columns width of the terminal, where it is below 100
 */
export function formatHistory(
  capsuleId: string,
  history: CapsuleHistory,
  columns: number | null = null,
): string[] {
  const { capsule, film, jobs, deadLetters } = history;
  const entries: HistoryEntry[] = [
    ...history.attempts.map((attempt) => describeAttempt(attempt, columns)),
    ...history.operations.map((operation) => describeOperation(operation, columns)),
  ].sort((one, other) => one.at.getTime() - other.at.getTime());
  return [
    `capsule  ${capsuleId}`,
    `status   ${capsule === null ? "the capsule no longer exists" : (capsule.status ?? "-")}`,
    ...(film === null ? ["film     none yet"] : describeFilm(film, columns)),
    ...jobs.map(describeJob),
    ...deadLetters.map(
      ({ msgId, code }) =>
        `dead     letter ${msgId}: ${code ?? "no code"}; \`keepsake failed show ${msgId}\``,
    ),
    ...(entries.length === 0 ? [] : ["", "history (UTC)", ...entries.flatMap(({ lines }) => lines)]),
  ];
}

function describeFilm(film: FilmRow, columns: number | null): string[] {
  const facts = [
    film.durationSeconds === null ? null : formatDuration(film.durationSeconds),
    film.sizeBytes === null ? null : `${(film.sizeBytes / 1e6).toFixed(1)} MB`,
    film.messageCount === null ? null : counted(film.messageCount, "message"),
  ].filter((fact) => fact !== null);
  return [
    `film     ${[film.state, ...facts].join(", ")}`,
    ...(film.url === null ? [] : [`url      ${film.url}`]),
    ...(film.posterUrl === null ? [] : [`poster   ${film.posterUrl}`]),
    ...film.warnings.flatMap((warning) => wrapText("warning  ", describeWarning(warning), columns)),
  ];
}

/** Describes a stored warning: the file or field that is not shown, its message, and the reason. */
function describeWarning(warning: unknown): string {
  const { message_id: messageId, field, code, reason } = warning as Record<string, unknown>;
  const owner = typeof messageId === "string" ? `message ${messageId}` : "the capsule";
  return `${String(code)}: ${String(field)} of ${owner}: ${String(reason)}`;
}

function describeJob({ msgId, visibleInSeconds, running }: WaitingJob): string {
  if (running) return `job      ${msgId}, running`;
  return visibleInSeconds > 0
    ? `job      ${msgId}, delayed for ${formatDuration(visibleInSeconds)}`
    : `job      ${msgId}, waiting for ${formatDuration(-visibleInSeconds)}`;
}

function describeAttempt(attempt: AttemptRow, columns: number | null): HistoryEntry {
  const { startedAt, endedAt, outcome, stage, code, message } = attempt;
  const took =
    endedAt === null ? "" : ` after ${formatDuration((endedAt.getTime() - startedAt.getTime()) / 1000)}`;
  const where = stage === null || outcome === "published" ? "" : ` while ${stage}`;
  return {
    at: startedAt,
    lines: [
      ...wrapText(
        `${formatTime(startedAt)}  `,
        `job ${attempt.msgId}, delivery ${attempt.readCount}, ${attempt.worker}: ` +
          `${outcome ?? "running"}${took}${where}`,
        columns,
      ),
      ...(code === null ? [] : wrapText(" ".repeat(21), `${code}: ${message ?? ""}`, columns)),
    ],
  };
}

function describeOperation(operation: Operation, columns: number | null): HistoryEntry {
  return { at: operation.doneAt, lines: formatOperation(operation, { columns }) };
}
