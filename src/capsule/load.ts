import { KeepsakeError } from "../errors.js";
import type { Database } from "../database/database.js";
import { retry } from "../async/retry.js";
import type { CapsuleContent } from "./content.js";
import {
  columnLimits,
  maxCapsuleTextCharacters,
  maxCapsuleTranscriptCharacters,
  maxMessages,
} from "./limits.js";
import { notClosed } from "./not-closed.js";
import { parseRows, rejectTooManyMessages, rejectTooManyCharacters } from "./parse-rows.js";

/** An unreachable database does not cost an attempt. The heartbeat stops the attempt when its lease may have expired. */
const outageSeconds = 600;

/** Limits for the database, which does not send values that would be rejected here. */
const limits = {
  columns: columnLimits,
  words: maxCapsuleTextCharacters,
  transcripts: maxCapsuleTranscriptCharacters,
};

interface Rows {
  readonly capsule: { readonly status?: unknown } | null;
  readonly messages: readonly unknown[];
  readonly message_count: number;
  /** Number of characters in the texts of all messages. */
  readonly character_count: number;
  readonly digest: string | null;
}

export interface LoadedCapsule {
  readonly content: CapsuleContent;
  /** Hash of all rows that a film is made of. Publishing fails if it has changed. */
  readonly digest: string | null;
}

/**
 * Reads a closed capsule and its messages in their current state.
 * @throws KeepsakeError with fault `job`: `capsule-not-found`, `capsule-not-closed`, `capsule-invalid`,
 *   `capsule-too-large`, `nothing-to-film`; or an error of the database
 */
export async function loadCapsule(
  database: Database,
  capsuleId: string,
  signal: AbortSignal,
): Promise<LoadedCapsule> {
  const {
    capsule,
    messages,
    message_count: messageCount,
    character_count: characterCount,
    digest,
  } = await retry(
    async () =>
      await database.control.call<Rows>(
        "capsule_content",
        { capsule_id: capsuleId, max_messages: maxMessages, limits },
        { signal },
      ),
    { signal, maxSeconds: outageSeconds },
  );
  if (capsule === null) {
    throw new KeepsakeError(
      "capsule-not-found",
      `There is no capsule ${capsuleId}: it was deleted, or never existed.`,
    );
  }
  if (capsule.status !== "closed" && capsule.status !== "completed") {
    throw notClosed(capsuleId, capsule.status);
  }
  rejectTooManyMessages(messageCount);
  rejectTooManyCharacters(characterCount);
  return { content: parseRows(capsule, messages), digest };
}
