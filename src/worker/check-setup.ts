/** Checks, before any film is made, whether the operator must fix something so that films can be published. */
import { checkDatabase, type DatabaseProblem } from "../database/check-database.js";
import { checkPublishing } from "../database/check-publishing.js";
import type { Database } from "../database/database.js";
import { KeepsakeError } from "../errors.js";
import type { FilmStore, StoreFindings } from "../storage/film-store.js";
import { versionedUrl } from "./film-objects.js";

/**
 * Checks whether a film could be stored and published, with a few bytes and a transaction that is rolled back.
 * @returns a sentence for each part that films will lack
 * @throws KeepsakeError with fault `setup`, the code of the first problem and a line for each; with fault `world` where
 *   storage or the database is out of reach
 */
export async function checkSetup(
  database: Database,
  store: FilmStore,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const findings = await store.check(signal);
  throwProblems(await checkDatabase(database, signal));
  return await checkPublishable(database, store, findings, signal);
}

/** The second half of `checkSetup`, for a database that is ready and a store whose findings are given. */
export async function checkPublishable(
  database: Database,
  store: Pick<FilmStore, "bucket">,
  findings: StoreFindings,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { problems } = await checkPublishing(database, sampleUrl(findings), signal);
  throwProblems(problems);
  return describeRejectedTypes(store, findings);
}

/** Returns a URL with the form and the length of a published film's URL. */
export function sampleUrl({ filmUrl }: StoreFindings): string {
  return versionedUrl(filmUrl, "0".repeat(64));
}

/** Names the files that films will lack because the bucket rejects their types, and the setting to change. */
export function describeRejectedTypes(
  { bucket }: Pick<FilmStore, "bucket">,
  { rejectedTypes }: StoreFindings,
): readonly string[] {
  if (rejectedTypes.length === 0) return [];
  const names = { "image/jpeg": "a poster", "text/vtt": "a captions file", "video/mp4": "a film" };
  const missing = rejectedTypes.map((type) => names[type]).join(" and ");
  const types = rejectedTypes.join(" and ");
  return [
    `Films are published without ${missing}: bucket ${bucket} does not accept ${types}. Add ${types} to its allowed MIME types (Dashboard, Storage, ${bucket}, Edit bucket).`,
  ];
}

function throwProblems(problems: readonly DatabaseProblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  throw new KeepsakeError(first.code, problems.map(({ message }) => message).join("\n"));
}
