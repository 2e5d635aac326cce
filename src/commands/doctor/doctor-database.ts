/** Checks the database for `keepsake doctor`: whether a worker can run on it, and whether it can publish. */
import { sampleUrl } from "../../worker/check-setup.js";
import type { Config } from "../../settings/config.js";
import { checkDatabase } from "../../database/check-database.js";
import { checkPublishing } from "../../database/check-publishing.js";
import type { Database } from "../../database/database.js";
import { describeGaps } from "../../database/describe-gaps.js";
import { readCatalogs } from "../../database/read-catalogs.js";
import { toKeepsakeError } from "../../errors.js";
import { createStore } from "../../worker/create-store.js";
import type { StoreFindings } from "../../storage/film-store.js";
import { surveyMedia } from "../../worker/survey-media.js";
import { formatSuggestion } from "../format/format-suggestion.js";
import type { DoctorCheck } from "./doctor-check.js";
import { openConfiguredDatabase } from "../open-configured-database.js";

const name = "database";

/** @param findings null where the store is not ready, so that the URL of a film is unknown */
export async function checkDatabaseForDoctor(
  config: Config,
  findings: StoreFindings | null,
  signal: AbortSignal,
): Promise<DoctorCheck[]> {
  try {
    await using database = openConfiguredDatabase(config, "keepsake doctor");
    const problems = await checkDatabase(database, signal);
    const catalogs = await readCatalogs(database, signal);
    const gaps = describeGaps(catalogs).map((message) => ({ name, ok: true, warning: true, message }));
    if (problems.length > 0)
      return [...problems.map(({ message }) => ({ name, ok: false, message })), ...gaps];
    const trigger = catalogs.enqueue_trigger
      ? "A trigger enqueues a capsule when its status becomes closed."
      : "No trigger enqueues a capsule when it is closed: the app or `keepsake enqueue` must enqueue it, or a worker's " +
        "sweep does so some minutes later. `keepsake migrate --enqueue-trigger` creates the trigger.";
    return [
      { name, ok: true, message: `${database.address} is ready.` },
      ...gaps,
      { name: "enqueueing", ok: true, message: trigger },
      ...(await publishingChecks(database, findings, signal)),
      ...(await mediaChecks(database, config, signal)),
    ];
  } catch (error) {
    return [{ name, ok: false, message: toKeepsakeError(error).message }];
  }
}

async function publishingChecks(
  database: Database,
  findings: StoreFindings | null,
  signal: AbortSignal,
): Promise<DoctorCheck[]> {
  const check = { name: "publishing", ok: true };
  if (findings === null) return [];
  const { problems, untried } = await checkPublishing(database, sampleUrl(findings), signal);
  const [problem] = problems;
  if (problem !== undefined) return [{ ...check, ok: false, message: problem.message }];
  const message =
    untried === null
      ? "The app's table accepts a completed capsule and its film's URL; this was tried and rolled back."
      : `The types and checks of the app's table accept a completed capsule; ${untried}.`;
  return [{ ...check, message }];
}

async function mediaChecks(
  database: Database,
  { storage, media }: Config,
  signal: AbortSignal,
): Promise<DoctorCheck[]> {
  if (storage === null) return [];
  const check = { name: "media of messages", ok: true };
  try {
    const { fileCount, findings, suggestion } = await surveyMedia({
      database,
      store: createStore(storage),
      media,
      signal,
    });
    if (fileCount === 0) return [{ ...check, message: "No message names a file yet." }];
    const line = suggestion === null ? [] : [formatSuggestion(suggestion)];
    if (findings.length > 0)
      return [...findings, ...line].map((message) => ({ ...check, warning: true, message }));
    const message = [`The ${fileCount} files in the newest messages may be fetched.`, ...line].join(" ");
    return [{ ...check, message }];
  } catch (error) {
    const message = `The newest messages could not be read: ${toKeepsakeError(error).message}`;
    return [{ ...check, warning: true, message }];
  }
}
