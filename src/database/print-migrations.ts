import { KeepsakeError } from "../errors.js";
import { reloadDataApi, setUpCall, type PrivateBucket } from "./migrate.js";
import { readMigrations, type Migration } from "./migrations.js";

export interface PrintOptions {
  readonly enqueueTrigger: boolean;
  /** The bucket for films; null where they are stored elsewhere. */
  readonly bucket: string | null;
  /** See `MigrateOptions`. */
  readonly privateBucket?: PrivateBucket | null;
  /** Name of the last migration that is left out, with all before it. */
  readonly since?: string;
  /** Default: the migrations of this version. */
  readonly migrations?: readonly Migration[];
}

/**
 * Returns the migrations as one text for a file in `supabase/migrations/`. It may be run several times, before or after
 * `keepsake migrate`, and beside the files of other versions: a recorded migration does nothing, and the statements
 * after the migrations create what is missing. Programs that split the text at dollar quotes get whole statements.
 * @throws KeepsakeError `usage` where there is no migration named `since`
 */
export async function printMigrations({
  enqueueTrigger,
  bucket,
  privateBucket = null,
  since,
  migrations: given,
}: PrintOptions): Promise<string> {
  const migrations = given ?? (await readMigrations());
  const [first] = migrations;
  if (first === undefined) throw new TypeError("there are no migrations");
  const later = migrationsAfter(since ?? first.name, migrations);
  const parts = [since === undefined ? runOnce(first) : requireMigration(since)];
  // The later migrations create functions that need the queues' tables.
  parts.push("select keepsake.create_queues();\n", ...later.map(runOnce));
  const named = bucket === null ? "null" : `'${bucket.replaceAll("'", "''")}'`;
  parts.push(`select ${setUpCall(named, privateBucket)};\n`);
  if (enqueueTrigger) parts.push("select keepsake.install_enqueue_trigger();\n");
  parts.push(`${reloadDataApi};\n`);
  return parts.join("\n");
}

function migrationsAfter(name: string, migrations: readonly Migration[]): readonly Migration[] {
  const index = migrations.findIndex((migration) => migration.name === name);
  if (index !== -1) return migrations.slice(index + 1);
  const names = migrations.map((migration) => migration.name).join(", ");
  throw new KeepsakeError("usage", `There is no migration ${name}. The migrations are ${names}.`);
}

/** Wraps the migration in a block that runs it only where it is not recorded. Its dollar quotes differ from the block's. */
function runOnce({ name, text, sha256 }: Migration): string {
  const [number] = name.split("_");
  const tag = `$keepsake_${number}$`;
  const textTag = "$keepsake_sql$";
  if (text.includes(tag) || text.includes(textTag))
    throw new TypeError(`${name} contains a dollar quote of the printed block`);
  return `-- keepsake: ${name}
do ${tag}
begin
  perform pg_advisory_xact_lock(hashtextextended('keepsake.migrate', 0));
  if to_regclass('keepsake.migrations') is not null then
    if exists (select from keepsake.migrations as m where m.name = '${name}' and m.sha256 <> '${sha256}') then
      raise exception 'the database has another ${name} than this version of Keepsake';
    end if;
    if exists (select from keepsake.migrations as m where m.name = '${name}') then
      return;
    end if;
  end if;
  execute ${textTag}
${text.trim()}
${textTag};
  insert into keepsake.migrations (name, sha256) values ('${name}', '${sha256}');
end
${tag};
`;
}

function requireMigration(name: string): string {
  const tag = "$keepsake_since$";
  return `-- keepsake: migrations after ${name}
do ${tag}
begin
  if to_regclass('keepsake.migrations') is not null then
    if exists (select from keepsake.migrations as m where m.name = '${name}') then
      return;
    end if;
  end if;
  raise exception 'the database lacks ${name}: run the earlier file first';
end
${tag};
`;
}
