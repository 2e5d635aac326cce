import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";

import { defineCommand } from "citty";

import { parsePayload } from "../../capsule/payload.js";
import { KeepsakeError } from "../../errors.js";
import type { Database } from "../../database/database.js";
import { findDeadLetter, retryDeadLetter } from "../../operator/dead-letters.js";
import { retryDeadLetters } from "../../operator/many-dead-letters.js";
import { readCapsuleId } from "../line/capsule-argument.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "../context.js";
import { counted } from "../format/counted.js";
import { kindArguments, letterArgument, readKind, readOneOrMany } from "./letter-arguments.js";
import { openReadyDatabase } from "../open-ready-database.js";

export function createFailedRetryCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "retry",
      description: "Put one dead letter, optionally corrected, or many back into the queue.",
    },
    args: {
      letter: { ...letterArgument, required: false },
      all: { type: "boolean", description: "Retry all dead letters.", default: false },
      ...kindArguments,
      payload: {
        type: "string",
        description: "A JSON file with another payload; - means standard input.",
      },
      capsule: {
        type: "string",
        description: "Replace the capsule's id in the payload.",
        valueHint: "capsule-id",
      },
      ...jsonArgument,
    },
    async run({ args }) {
      const { signal } = context;
      const number = readOneOrMany(args);
      const edited = args.payload !== undefined || args.capsule !== undefined;
      if (edited && number === null)
        throw new KeepsakeError("usage", "Only one dead letter at a time can be corrected.");
      if (args.payload !== undefined && args.capsule !== undefined)
        throw new KeepsakeError("usage", "Use either --payload or --capsule, not both.");
      const capsuleId = args.capsule === undefined ? null : readCapsuleId(args.capsule);
      const payload = args.payload === undefined ? null : await readPayload(args.payload, context);
      const config = configOf(context);
      const doneBy = config.operator;
      await using database = await openReadyDatabase(config, signal);
      if (number === null) {
        const retried = await retryDeadLetters(database, readKind(args), signal, doneBy);
        if (args.json) printJson(context, { retried });
        else
          context.print(retried === 0 ? "No dead letter matches." : `${counted(retried, "job")} sent again.`);
        return;
      }
      const fresh = payload ?? (await correctPayload(database, number, capsuleId, signal));
      const msgId = await retryDeadLetter(
        database,
        number,
        { ...(fresh && { payload: fresh }), doneBy },
        signal,
      );
      if (args.json) printJson(context, { retried: 1, msgId });
      else context.print(`Dead letter ${number} waits again as job ${msgId}.`);
    },
  });
}

/**
 * @returns the payload with another capsule, or null where it is sent unchanged
 * @throws KeepsakeError `payload-invalid` where the job would fail again
 */
async function correctPayload(
  database: Database,
  number: bigint,
  capsuleId: string | null,
  signal: AbortSignal,
): Promise<object | null> {
  const { original } = await findDeadLetter(database, number, signal);
  if (capsuleId !== null) {
    const fields = isObject(original) ? original : {};
    return parsePayload({ job_type: "generate_video", ...fields, capsule_id: capsuleId });
  }
  try {
    parsePayload(original);
    return null;
  } catch (error) {
    throw new KeepsakeError(
      "payload-invalid",
      `The payload of dead letter ${number} can never work: correct it with --capsule <id> or --payload <file>.`,
      { cause: error },
    );
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws KeepsakeError `usage` for a file that cannot be read, `payload-invalid` for one without a job */
async function readPayload(file: string, { input }: CommandContext): Promise<object> {
  let value: unknown;
  try {
    value = JSON.parse(file === "-" ? await readAll(input) : await readFile(file, "utf8"));
  } catch (error) {
    throw new KeepsakeError("usage", `${file === "-" ? "Standard input" : file} does not contain JSON.`, {
      cause: error,
    });
  }
  return parsePayload(value);
}
