import { KeepsakeError } from "../errors.js";
import type { Database } from "../database/database.js";
import { retryTemporary } from "../http/retry-temporary.js";
import type { CapsuleContent } from "./content.js";
import {
  columnLimits,
  maxCapsuleTextCharacters,
  maxCapsuleTranscriptCharacters,
  maxMessages,
} from "./limits.js";
import { notClosed } from "./not-closed.js";
import { parseRows, rejectTooManyMessages, rejectTooManyCharacters } from "./parse-rows.js";

/** A database out of reach does not cost an attempt; the heartbeat stops it when the lease may be over. */
const outageSeconds = 600;

/** What the database need not send, because it would be refused here. */
const limits = {
  columns: columnLimits,
  words: maxCapsuleTextCharacters,
  transcripts: maxCapsuleTranscriptCharacters,
};

interface Rows {
  readonly capsule: { readonly status?: unknown } | null;
  readonly messages: readonly unknown[];
  readonly message_count: number;
  /** Of the words of all messages. */
  readonly character_count: number;
  readonly digest: string | null;
}

export interface LoadedCapsule {
  readonly content: CapsuleContent;
  /** Changes with anything that a film is made of; publishing asks for it. */
  readonly digest: string | null;
}

/**
 * Reads a closed capsule and its messages, as they are in this moment.
 * @throws KeepsakeError of fault `job`: `capsule-not-found`, `capsule-not-closed`, `capsule-invalid`,
 *   `capsule-too-large`, `nothing-to-film`; or one of the database
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
  } = await retryTemporary(
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
      `There is no capsule ${capsuleId}: it was deleted, or never was.`,
    );
  }
  if (capsule.status !== "closed" && capsule.status !== "completed") {
    throw notClosed(capsuleId, capsule.status);
  }
  rejectTooManyMessages(messageCount);
  rejectTooManyCharacters(characterCount);
  return { content: parseRows(capsule, messages), digest };
}
