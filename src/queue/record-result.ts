import type { Database } from "../database/database.js";
import { toKeepsakeError } from "../errors.js";
import { finished, lost, type AttemptResult, type Fence, type FilmToPublish } from "./attempt.js";
import { classifyEnd } from "./classify-end.js";
import { capsuleChanged, finishAttempt, published } from "./finish-attempt.js";
import { publishFilm } from "./publish-film.js";

/**
 * Repeats a call of the database until it answers.
 * @param waitsForOperator true: the call is repeated after a fault of the setup too; otherwise that fault is thrown
 */
export type Caller = <Result>(
  run: (signal: AbortSignal) => Promise<Result>,
  waitsForOperator?: boolean,
) => Promise<Result>;

/** The time limit of one call, longer than a statement waits for a lock. */
export const callSeconds = 15;

const notClosed = finished("rejected", {
  code: "capsule-not-closed",
  message: "The capsule was reopened or deleted while its film was made: close it again.",
});

/** Publishes the film, or records the end of an attempt that has none. Returns what the database recorded. */
export async function recordResult(
  database: Database,
  fence: Fence,
  result: AttemptResult,
  call: Caller,
): Promise<AttemptResult> {
  const end = result.film === null ? result : await publish(database, fence, result.film, call);
  if (end.jobState !== null) return end;
  const finish = async (ending: AttemptResult): Promise<AttemptResult> =>
    await call(
      (signal) => finishAttempt(database, fence, ending, { signal, timeoutSeconds: callSeconds }),
      ending.outcome === "setup",
    );
  try {
    return await finish(end);
  } catch (error) {
    // A fault in the setup of the database, such as a missing archive, may affect this outcome but not the outcome `setup`.
    const { fault, code, message } = toKeepsakeError(error);
    if (fault !== "setup" || end.outcome === "setup") throw error;
    return await finish(finished("setup", { code, message }));
  }
}

/** @returns the recorded result, or one that is still to be recorded */
async function publish(
  database: Database,
  fence: Fence,
  film: FilmToPublish,
  call: Caller,
): Promise<AttemptResult> {
  try {
    const answer = await call((signal) =>
      publishFilm(database, fence, film, { signal, timeoutSeconds: callSeconds }),
    );
    const cancelled = finished("cancelled");
    return { published, lost, cancelled, changed: capsuleChanged, "not-closed": notClosed }[answer];
  } catch (error) {
    // After a fault of the network the film may have been published, so no other outcome is recorded here.
    if (toKeepsakeError(error).fault === "world") throw error;
    return classifyEnd(error, null);
  }
}
