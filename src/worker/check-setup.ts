/** What the operator must fix before any film can be published, found before one is made. */
import { checkDatabase, type DatabaseProblem } from "../database/check-database.js";
import { checkPublishing } from "../database/check-publishing.js";
import type { Database } from "../database/database.js";
import { KeepsakeError } from "../errors.js";
import type { FilmStore, StoreFindings } from "../storage/film-store.js";
import { versionedUrl } from "./film-objects.js";

/**
 * Looks whether a film could be put into the store and published, with a few bytes and a transaction that is rolled back.
 * @returns what films would lack, in sentences
 * @throws KeepsakeError with the first code and the sentences of all problems, a line each, with fault `setup`; with
 *   fault `world` where storage or the database is out of reach
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

/** As `checkSetup`, of what the store has said and a database that is ready otherwise. */
export async function checkPublishable(
  database: Database,
  store: Pick<FilmStore, "bucket">,
  findings: StoreFindings,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { problems } = await checkPublishing(database, sampleUrl(findings), signal);
  throwProblems(problems);
  return missingBeside(store, findings);
}

/** The address by which a film would be published, of the real length. */
export function sampleUrl({ filmUrl }: StoreFindings): string {
  return versionedUrl(filmUrl, "0".repeat(64));
}

/** What lies beside each film and will be missing, and the setting to change. */
export function missingBeside(
  { bucket }: Pick<FilmStore, "bucket">,
  { rejectedTypes }: StoreFindings,
): readonly string[] {
  if (rejectedTypes.length === 0) return [];
  const names = { "image/jpeg": "a poster", "text/vtt": "a captions file", "video/mp4": "a film" };
  const missing = rejectedTypes.map((type) => names[type]).join(" and ");
  const types = rejectedTypes.join(" and ");
  return [
    `Films are published without ${missing}: bucket ${bucket} does not take ${types}. Add ${types} to its allowed MIME types (Dashboard, Storage, ${bucket}, Edit bucket).`,
  ];
}

function throwProblems(problems: readonly DatabaseProblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  throw new KeepsakeError(first.code, problems.map(({ message }) => message).join("\n"));
}
