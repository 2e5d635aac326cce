import type { ErrorCode } from "../errors.js";
import { describeMissingRights } from "./describe-gaps.js";
import { readCatalogs, type Catalogs } from "./read-catalogs.js";
import { readMigrations } from "./migrations.js";
import type { Database } from "./database.js";

/** Something that must be fixed before a worker can run. */
export interface DatabaseProblem {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Columns of the tables `capsules` and `messages` that a worker reads or writes, by their names in the integration guide. */
const neededColumns: Readonly<Record<string, readonly string[]>> = {
  capsules: ["id", "status", "final_video_url"],
  messages: [
    "id",
    "capsule_id",
    "content_text",
    "content_audio_url",
    "content_video_url",
    "content_image_url",
    "contributor_name",
    "submitted_at",
  ],
};

/**
 * Checks whether a worker can run on this database, and returns everything that prevents it. Reads only catalogs and
 * changes nothing.
 * @returns problems of fault `setup`; none when a worker can run
 * @throws KeepsakeError `database-unreachable` or `database-refused`
 */
export async function checkDatabase(
  database: Database,
  signal: AbortSignal,
): Promise<readonly DatabaseProblem[]> {
  const catalogs = await readCatalogs(database, signal);
  const problems = [
    ...pgmqProblems(catalogs),
    ...rightsProblems(catalogs),
    ...tableProblems(catalogs),
    ...hiddenProblems(catalogs),
  ];
  if (catalogs.migrations !== null) {
    problems.push(...(await migrationProblems(catalogs.migrations)), ...queueProblems(catalogs));
  } else {
    problems.push({
      code: "schema-missing",
      message: "The database has no schema `keepsake` yet: run `keepsake migrate`.",
    });
  }
  return problems;
}

function pgmqProblems({ pgmq, pgmq_version: pgmqVersion }: Catalogs): DatabaseProblem[] {
  if (!pgmq) {
    const message =
      pgmqVersion === null
        ? "This PostgreSQL does not offer the extension pgmq: install it on the server (on Supabase enable Queues under Integrations), then run `keepsake migrate`."
        : "The database has no PGMQ yet: run `keepsake migrate`, which creates the extension and both queues.";
    return [{ code: "pgmq-missing", message }];
  }
  return versionProblems(pgmqVersion);
}

/** A missing right to delete from the archives is not a problem: old rows then stay there. */
export function rightsProblems(catalogs: Catalogs): DatabaseProblem[] {
  const needed = catalogs.missing_rights.filter(
    ({ table, right }) => !(table.startsWith("pgmq.a_") && right === "delete"),
  );
  const message = describeMissingRights({ ...catalogs, missing_rights: needed });
  return message === null ? [] : [{ code: "rights-missing", message }];
}

/** @param version version of PGMQ that is installed, or that the server offers; null when it is unknown */
export function versionProblems(version: string | null): DatabaseProblem[] {
  const broken = version === null ? null : whyUnsupported(version);
  if (broken === null) return [];
  const message = `The database has PGMQ ${version}, ${broken}: update it with \`alter extension pgmq update\`.`;
  return [{ code: "pgmq-unsupported", message }];
}

/** Returns null for a supported version. 1.10.x cannot read queues of older versions (SQLSTATE 42804). */
export function whyUnsupported(version: string): string | null {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (major === 1 && minor === 10) return "which cannot read queues made by an older version";
  const supported = major > 1 || (major === 1 && (minor > 4 || (minor === 4 && patch >= 4)));
  return supported ? null : "which is older than 1.4.4";
}

function tableProblems({ columns }: Catalogs): DatabaseProblem[] {
  const problems: DatabaseProblem[] = [];
  for (const [table, needed] of Object.entries(neededColumns)) {
    const present = columns.filter((one) => one.table === table);
    if (present.length === 0) {
      const message = `The app's table public.${table} is missing: create it as the integration guide describes it.`;
      problems.push({ code: "table-missing", message });
      continue;
    }
    const missing = needed.filter((name) => !present.some(({ column }) => column === name));
    if (missing.length > 0) {
      const message = `The app's table public.${table} lacks ${missing.join(", ")}: add the columns as the integration guide describes them.`;
      problems.push({ code: "column-missing", message });
    }
  }
  for (const { table, column, type } of columns) {
    if (type === "uuid" || !namesCapsule(table, column)) continue;
    const message = `public.${table}.${column} is of type ${type}, but jobs name capsules by UUID: change its type to uuid.`;
    problems.push({ code: "column-unusable", message });
  }
  return problems;
}

function namesCapsule(table: string, column: string): boolean {
  return (table === "capsules" && column === "id") || (table === "messages" && column === "capsule_id");
}

function hiddenProblems({ hidden }: Catalogs): DatabaseProblem[] {
  return hidden.map(({ table, role }) => ({
    code: "rows-hidden",
    message: `Row security of ${table} hides rows from the role ${role}, which Keepsake's functions run as: let the table's owner run \`keepsake migrate\`, or give that role \`bypassrls\`.`,
  }));
}

async function migrationProblems(recorded: readonly string[]): Promise<DatabaseProblem[]> {
  const known = await readMigrations();
  const newer = recorded.find((name) => !known.some((migration) => migration.name === name));
  if (newer !== undefined) {
    const message = `The database has the migration ${newer}, which is newer than this version of Keepsake: install the newer version.`;
    return [{ code: "database-newer", message }];
  }
  const missing = known.filter((migration) => !recorded.includes(migration.name));
  if (missing.length === 0) return [];
  const names = missing.map(({ name }) => name).join(", ");
  const message = `The database lacks ${names}: run \`keepsake migrate\`.`;
  return [{ code: "schema-outdated", message }];
}

/** A queue is complete if it has its archive and the columns that its version of PGMQ writes. */
function queueProblems({ queues, missing_columns: columns }: Catalogs): DatabaseProblem[] {
  const problems: DatabaseProblem[] = [];
  const missing = ["video_jobs_queue", "video_jobs_dlq"].filter(
    (queue) => !queues.includes(`q_${queue}`) || !queues.includes(`a_${queue}`),
  );
  if (missing.length > 0) {
    const message =
      missing.length === 1
        ? `The queue ${missing[0]} is missing, or its archive: run \`keepsake migrate\`, which creates it.`
        : `The queues ${missing.join(" and ")} are missing, or their archives: run \`keepsake migrate\`, which creates them.`;
    problems.push({ code: "queue-missing", message });
  }
  if (columns.length > 0) {
    const message = `The queues' tables were created by an older PGMQ and lack ${columns.join(", ")}: run \`keepsake migrate\`, which adds them.`;
    problems.push({ code: "queue-missing", message });
  }
  return problems;
}
