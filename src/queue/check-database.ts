import type { ErrorCode } from "../errors.js";
import { readMigrations } from "./migrations.js";
import type { Database } from "./open-database.js";

/** Something that must be mended before a worker can run. */
export interface DatabaseProblem {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What the guide promises of the app's tables, and what of it we need. */
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

interface Findings {
  readonly pgmq: boolean;
  readonly pgmqVersion: string | null;
  readonly migrated: boolean;
  readonly queues: readonly string[];
  readonly columns: readonly { readonly table: string; readonly column: string; readonly type: string }[];
}

/**
 * Looks whether a worker can run on this database, and says everything that is in the way. Reads only catalogs and
 * changes nothing.
 * @returns problems of fault `setup`; none when all is well
 * @throws KeepsakeError `database-unreachable` or `database-refused`
 */
export async function checkDatabase(
  database: Database,
  signal: AbortSignal,
): Promise<readonly DatabaseProblem[]> {
  const [findings] = await database.control.query(
    (sql) => sql<Findings[]>`
      select
        exists (
          select from pg_catalog.pg_proc as p
          join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
          where n.nspname = 'pgmq' and p.proname = 'read'
        ) as pgmq,
        (select e.extversion from pg_catalog.pg_extension as e where e.extname = 'pgmq') as "pgmqVersion",
        exists (
          select from pg_catalog.pg_proc as p
          join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
          where n.nspname = 'keepsake' and p.proname = 'applied_migrations'
        ) as migrated,
        coalesce((
          select json_agg(c.relname) from pg_catalog.pg_class as c
          join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
          where n.nspname = 'pgmq' and c.relname in ('q_video_jobs_queue', 'q_video_jobs_dlq')
        ), '[]') as queues,
        coalesce((
          select json_agg(json_build_object(
            'table', c.relname, 'column', a.attname, 'type', pg_catalog.format_type(a.atttypid, null)
          ))
          from pg_catalog.pg_class as c
          join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
          join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          where n.nspname = 'public' and c.relname in ('capsules', 'messages') and c.relkind in ('r', 'p', 'v', 'f')
        ), '[]') as columns`,
    { signal },
  );
  if (findings === undefined) throw new TypeError("the catalogs answered nothing");
  const problems = [...pgmqProblems(findings), ...tableProblems(findings)];
  if (findings.migrated)
    problems.push(...(await migrationProblems(database, signal)), ...queueProblems(findings));
  else {
    problems.push({
      code: "schema-missing",
      message: "The database has no schema `keepsake` yet: run `keepsake migrate`.",
    });
  }
  return problems;
}

function pgmqProblems({ pgmq, pgmqVersion }: Findings): DatabaseProblem[] {
  if (!pgmq) {
    const message =
      "The database has no PGMQ: on Supabase enable Queues under Integrations, elsewhere install the extension pgmq, then run `keepsake migrate`.";
    return [{ code: "pgmq-missing", message }];
  }
  const broken = pgmqVersion === null ? null : whyUnsupported(pgmqVersion);
  if (broken === null) return [];
  return [
    {
      code: "pgmq-unsupported",
      message: `The database has PGMQ ${pgmqVersion}, ${broken}: update it with \`alter extension pgmq update\`.`,
    },
  ];
}

/** Null when it is supported. 1.10.x cannot read queues that are older than itself: SQLSTATE 42804. */
export function whyUnsupported(version: string): string | null {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (major === 1 && minor === 10) return "which cannot read queues made by an older version";
  const supported = major > 1 || (major === 1 && (minor > 4 || (minor === 4 && patch >= 4)));
  return supported ? null : "which is older than 1.4.4";
}

function tableProblems({ columns }: Findings): DatabaseProblem[] {
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
      const message = `The app's table public.${table} lacks ${missing.join(", ")}: add what the integration guide describes.`;
      problems.push({ code: "column-missing", message });
    }
  }
  const id = columns.find(({ table, column }) => table === "capsules" && column === "id");
  if (id !== undefined && id.type !== "uuid") {
    const message = `public.capsules.id is of type ${id.type}: the jobs name capsules by uuid.`;
    problems.push({ code: "column-unusable", message });
  }
  return problems;
}

async function migrationProblems(database: Database, signal: AbortSignal): Promise<DatabaseProblem[]> {
  const known = await readMigrations();
  const recorded = await database.control.query(
    (sql) => sql<{ name: string }[]>`select name from keepsake.applied_migrations()`,
    { signal },
  );
  const newer = recorded.find(({ name }) => !known.some((migration) => migration.name === name));
  if (newer !== undefined) {
    const message = `The database has the migration ${newer.name}, which this version does not know: install the newer Keepsake.`;
    return [{ code: "database-newer", message }];
  }
  const missing = known.filter((migration) => !recorded.some(({ name }) => name === migration.name));
  if (missing.length === 0) return [];
  const names = missing.map(({ name }) => name).join(", ");
  const message = `The database lacks ${names}: run \`keepsake migrate\`.`;
  return [{ code: "schema-outdated", message }];
}

function queueProblems({ queues }: Findings): DatabaseProblem[] {
  const missing = ["q_video_jobs_queue", "q_video_jobs_dlq"].filter((table) => !queues.includes(table));
  if (missing.length === 0) return [];
  const names = missing.map((table) => table.slice(2)).join(" and ");
  const message = `The queue ${names} is missing: create it with \`select pgmq.create('<name>')\`.`;
  return [{ code: "queue-missing", message }];
}
