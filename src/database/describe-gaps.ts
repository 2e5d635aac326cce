/** Sentences about missing objects and privileges. */
import type { Catalogs } from "./read-catalogs.js";

/**
 * Describes missing objects that a worker can run without, and that `keepsake migrate` creates.
 * @returns a sentence for each kind of object; none where nothing is missing
 */
export function describeGaps(catalogs: Catalogs): readonly string[] {
  const sentences: string[] = [];
  const add = (missing: readonly string[], sentence: (names: string) => string): void => {
    if (missing.length > 0) sentences.push(sentence(missing.join(", ")));
  };
  add(
    catalogs.missing_names,
    (names) =>
      `These functions of the integration guide are missing: ${names}. Run \`keepsake migrate\`, which creates what is missing.`,
  );
  add(
    catalogs.missing_indexes,
    (names) =>
      `The queues lack the indexes ${names}: run \`keepsake migrate\`, which creates them. Without them each search for a capsule reads the whole queue.`,
  );
  add(
    catalogs.missing_grants,
    (names) =>
      `${names} may not call Keepsake's functions: run \`keepsake migrate\`, which grants it, and creates the role keepsake_worker if it is allowed to.`,
  );
  add(
    catalogs.undumped,
    (names) =>
      `Backups by pg_dump leave out ${names}, which belong to the extension pgmq: run \`keepsake migrate\` as the role that owns the extension, or update PGMQ to 1.6 or later.`,
  );
  add(
    catalogs.exposed_queues,
    (names) =>
      `The app's clients (anon or authenticated) can read, write or empty ${names}, because schema pgmq is open to them and row security is off, or they have a privilege that row security does not restrict: run \`keepsake migrate\` as the role that owns these tables, which turns row security on and revokes such privileges.`,
  );
  return sentences;
}

/**
 * Describes the missing rights on PGMQ's tables, with the statements that grant them.
 * @returns null where no right is missing
 */
export function describeMissingRights({ missing_rights: missing }: Catalogs): string | null {
  const [first] = missing;
  if (first === undefined) return null;
  const places = [...new Set(missing.map(({ table }) => table))];
  const lacks = places.map((place) => `${rightsOn(place)} on ${place}`).join("; ");
  const owners = [...new Set(missing.map(({ owner }) => owner))].join(" or ");
  const role = quoteName(first.role);
  const tables = places.filter((place) => place !== "schema pgmq");
  const grants = [
    ...(places.length > tables.length ? [`grant usage on schema pgmq to ${role};`] : []),
    ...(tables.length > 0
      ? [`grant select, insert, update, delete on ${tables.join(", ")} to ${role};`]
      : []),
  ];
  return `The role ${first.role}, which Keepsake's functions run as, lacks rights in PGMQ: ${lacks}. Let ${owners} run: ${grants.join(" ")}`;

  function rightsOn(place: string): string {
    return missing
      .filter(({ table }) => table === place)
      .map(({ right }) => right)
      .join(", ");
  }
}

function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
