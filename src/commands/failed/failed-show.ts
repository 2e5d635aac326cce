import { defineCommand } from "citty";

import { findDeadLetter, type DeadAttempt, type DeadLetter } from "../../operator/dead-letters.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "../context.js";
import { formatDuration, formatTime } from "../format/format-time.js";
import { letterArgument, readLetterNumber } from "./letter-arguments.js";
import { openReadyDatabase } from "../open-ready-database.js";
import { wrapText } from "../format/wrap-text.js";

export function createFailedShowCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "show",
      description: "Show one dead letter: its payload, every attempt, and its origin.",
    },
    args: { letter: { ...letterArgument, required: true }, ...jsonArgument },
    async run({ args }) {
      const number = readLetterNumber(args.letter);
      await using database = await openReadyDatabase(configOf(context), context.signal);
      const letter = await findDeadLetter(database, number, context.signal);
      if (args.json) printJson(context, letter);
      else for (const line of formatDeadLetter(letter, context.columns)) context.print(line);
    },
  });
}

const meanings = {
  rejected: "the job can never succeed",
  failures: "too many attempts failed",
  crashes: "too many attempts crashed",
  deliveries: "it was delivered too often",
};

function formatDeadLetter(letter: DeadLetter, columns: number | null): string[] {
  const { msgId, capsuleId, diedAt, cause, code, reason, original, attempts, lineage, source } = letter;
  return [
    `letter    ${msgId}, ${formatTime(diedAt)} UTC`,
    `capsule   ${capsuleId ?? "not in the payload"}`,
    `because   ${cause === null ? "unknown: Keepsake did not write this letter" : `${cause}: ${meanings[cause]}`}`,
    ...(code === null ? [] : wrapText("error     ", `${code}: ${reason ?? ""}`, columns)),
    ...(source?.msg_id === undefined ? [] : [`job       ${source.msg_id}`]),
    ...indented("payload   ", payloadText(original)),
    ...attempts.flatMap((attempt, index) => describeAttempt(attempt, index === 0 ? "attempts" : "", columns)),
    ...lineage.map((one, index) => `${(index === 0 ? "retried" : "").padEnd(10)}${describeAncestor(one)}`),
    "",
    ...wrapText(
      "",
      `\`keepsake failed retry ${msgId}\` puts it back into the queue; --payload <file> or --capsule <id> correct it first.`,
      columns,
    ),
  ];
}

const maxPayloadCharacters = 10_000;

function payloadText(original: unknown): string {
  try {
    const text = JSON.stringify(original, null, 2);
    if (text.length <= maxPayloadCharacters) return text;
    return `${text.slice(0, maxPayloadCharacters)}\n… of ${text.length} characters; --json shows all of it`;
  } catch (error) {
    if (error instanceof RangeError) return "nested too deeply to be shown";
    throw error;
  }
}

function indented(first: string, text: string): string[] {
  return text.split("\n").map((line, index) => (index === 0 ? first : " ".repeat(first.length)) + line);
}

function describeAttempt(attempt: DeadAttempt, heading: string, columns: number | null): string[] {
  const started = new Date(attempt.started_at);
  const took =
    attempt.ended_at === null
      ? ""
      : ` after ${formatDuration((new Date(attempt.ended_at).getTime() - started.getTime()) / 1000)}`;
  const where = attempt.stage === null ? "" : ` while ${attempt.stage}`;
  return [
    `${heading.padEnd(10)}${attempt.read_ct}. ${formatTime(started)}  ${attempt.outcome ?? "not ended"}${took}${where}, ${attempt.worker}`,
    ...(attempt.error_code === null
      ? []
      : wrapText(" ".repeat(13), `${attempt.error_code}: ${attempt.error_message ?? ""}`, columns)),
  ];
}

/** Describes an earlier dead letter. The lineage is part of a payload, so it may have any shape. */
function describeAncestor(ancestor: unknown): string {
  const { dead_letter_id: letter, error_code: code } = (ancestor ?? {}) as Record<string, unknown>;
  return `from letter ${String(letter)}: ${String(code)}`;
}
