import { openDeadline, type Deadline } from "../async/deadline.js";
import { KeepsakeError } from "../errors.js";

/** The delays between two tries of a call of the database. */
export const databaseDelays = { firstDelaySeconds: 0.2, maxDelaySeconds: 5 } as const;

/** How long a worker that shuts down still waits for a database that does not answer. */
const graceSeconds = 5;

/** Opens a deadline whose signal is aborted a few seconds after `interrupt`, and never otherwise. */
export function openShutdownGrace(interrupt: AbortSignal): Deadline {
  return openDeadline({
    seconds: null,
    parent: interrupt,
    graceSeconds,
    reason: () => new KeepsakeError("database-unreachable", "The database did not answer in time."),
  });
}
