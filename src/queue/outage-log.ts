import { KeepsakeError, toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";

/**
 * Says in the log when an outage of the database begins, every few minutes while it lasts, and when it is over. The
 * callers of the database ask again by themselves, so nothing is asked here.
 */
export interface OutageLog {
  readonly failed: (error: unknown) => void;
  readonly answered: () => void;
}

export interface OutageLogOptions {
  /** Default 300: an outage is mentioned again after this time. */
  readonly reminderSeconds?: number;
  /** Default 60: an outage that begins within this time after another one began is mentioned once it lasts longer. */
  readonly quietSeconds?: number;
}

export function createOutageLog(log: Log, options: OutageLogOptions = {}): OutageLog {
  const { reminderSeconds = 300, quietSeconds = 60 } = options;
  // All in monotonic milliseconds. Null: the last call was answered.
  let awaySince: number | null = null;
  let mentionedAt: number | null = null;
  let firstMentionedAt = -Infinity;

  const secondsAway = (): number => Math.round((performance.now() - (awaySince ?? 0)) / 100) / 10;

  return {
    failed: (error) => {
      if (!(error instanceof KeepsakeError)) return;
      const { code, message } = error;
      // One that refuses is there.
      if (code !== "database-unreachable") return answered();
      const now = performance.now();
      awaySince ??= now;
      if (mentionedAt === null) {
        if (now - firstMentionedAt < quietSeconds * 1000) return;
        firstMentionedAt = now;
        mentionedAt = now;
        log.warn(
          { code, reason: message },
          "the database is out of reach; it is asked again until it answers",
        );
      } else if (now - mentionedAt >= reminderSeconds * 1000) {
        mentionedAt = now;
        log.warn({ code, reason: message, seconds: secondsAway() }, "the database is still out of reach");
      }
    },
    answered,
  };

  function answered(): void {
    if (awaySince === null) return;
    if (mentionedAt !== null) log.info({ seconds: secondsAway() }, "the database is back");
    awaySince = null;
    mentionedAt = null;
  }
}

/** Says in the log what failed, at `debug` in an outage of the database, which has its own lines. */
export function warnUnlessOutage(log: Log, error: unknown, what: string): void {
  const { code, message } = toKeepsakeError(error);
  log[code === "database-unreachable" ? "debug" : "warn"]({ code, reason: message }, what);
}
