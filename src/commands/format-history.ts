import type { CapsuleHistory, Operation, WaitingJob } from "../operator/capsule-history.js";
import type { AttemptRow } from "../operator/list-attempts.js";
import type { FilmRow } from "../operator/list-films.js";
import { counted } from "./counted.js";
import { formatOperation } from "./format-operation.js";
import { formatDuration, formatTime } from "./format-time.js";
import { wrapText } from "./wrap-text.js";

interface Happened {
  readonly at: Date;
  readonly lines: readonly string[];
}

/**
 * What a capsule is and has been through, oldest first, in lines for people.
 * @param columns of the terminal, where it has fewer than 100
 */
export function formatHistory(
  capsuleId: string,
  history: CapsuleHistory,
  columns: number | null = null,
): string[] {
  const { capsule, film, jobs, deadLetters } = history;
  const happened: Happened[] = [
    ...history.attempts.map((attempt) => tellAttempt(attempt, columns)),
    ...history.operations.map((operation) => tellOperation(operation, columns)),
  ].sort((one, other) => one.at.getTime() - other.at.getTime());
  return [
    `capsule  ${capsuleId}`,
    `status   ${capsule === null ? "there is no such capsule any more" : (capsule.status ?? "-")}`,
    ...(film === null ? ["film     none yet"] : tellFilm(film, columns)),
    ...jobs.map(tellJob),
    ...deadLetters.map(
      ({ msgId, code }) =>
        `dead     letter ${msgId}: ${code ?? "no code"}; \`keepsake failed show ${msgId}\``,
    ),
    ...(happened.length === 0 ? [] : ["", "what happened (UTC)", ...happened.flatMap(({ lines }) => lines)]),
  ];
}

function tellFilm(film: FilmRow, columns: number | null): string[] {
  const facts = [
    film.durationSeconds === null ? null : formatDuration(film.durationSeconds),
    film.sizeBytes === null ? null : `${(film.sizeBytes / 1e6).toFixed(1)} MB`,
    film.messageCount === null ? null : counted(film.messageCount, "message"),
  ].filter((fact) => fact !== null);
  return [
    `film     ${[film.state, ...facts].join(", ")}`,
    ...(film.url === null ? [] : [`url      ${film.url}`]),
    ...(film.posterUrl === null ? [] : [`poster   ${film.posterUrl}`]),
    ...film.warnings.flatMap((warning) => wrapText("warning  ", tellWarning(warning), columns)),
  ];
}

/** As it was stored by the attempt: what of which message could not be shown, and why. */
function tellWarning(warning: unknown): string {
  const { message_id: messageId, field, code, reason } = warning as Record<string, unknown>;
  const whose = typeof messageId === "string" ? `message ${messageId}` : "the capsule";
  return `${String(code)}: ${String(field)} of ${whose}: ${String(reason)}`;
}

function tellJob({ msgId, visibleInSeconds, running }: WaitingJob): string {
  if (running) return `job      ${msgId}, being worked on`;
  return visibleInSeconds > 0
    ? `job      ${msgId}, put off for ${formatDuration(visibleInSeconds)}`
    : `job      ${msgId}, waiting for ${formatDuration(-visibleInSeconds)}`;
}

function tellAttempt(attempt: AttemptRow, columns: number | null): Happened {
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
          `${outcome ?? "under way"}${took}${where}`,
        columns,
      ),
      ...(code === null ? [] : wrapText(" ".repeat(21), `${code}: ${message ?? ""}`, columns)),
    ],
  };
}

function tellOperation(operation: Operation, columns: number | null): Happened {
  return { at: operation.doneAt, lines: formatOperation(operation, { columns }) };
}
