import { randomBytes } from "node:crypto";
import { chmod, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { appSchemaSql } from "../../../dist/embedded/app-schema.js";
import { openEmbeddedDatabase } from "../../../dist/embedded/embedded-database.js";
import { findPostgresBinaries } from "../../../dist/embedded/postgres-binaries.js";
import { readPgmqFiles } from "../../../dist/embedded/read-pgmq-files.js";
import { openDatabase, type PostgresDatabase } from "../../../dist/database/open-database.js";

/** A PostgreSQL of its own that has PGMQ as a real extension. */
export interface PgmqServer extends AsyncDisposable {
  /** A database with the app's tables and no PGMQ yet. */
  readonly createDatabase: () => Promise<PgmqDatabase>;
  /** Every version that updates lead to, from 1.4.4 on. */
  readonly versions: readonly string[];
}

export interface PgmqDatabase extends AsyncDisposable {
  readonly asSuperuser: PostgresDatabase;
  /** The database for a role like Supabase's `postgres`: not a superuser, but the owner of the database and of the app's tables. */
  readonly asOwner: PostgresDatabase;
  readonly ownerUrl: string;
  readonly superuserUrl: string;
}

/**
 * Objects of PGMQ 1.1.0 that no update script creates: the package contains the newest version as a whole and the older ones
 * as updates only, so the chain needs a place to begin.
 */
const firstScript = `
  create table pgmq.meta (
    queue_name varchar unique not null,
    is_partitioned boolean not null,
    is_unlogged boolean not null,
    created_at timestamptz not null default now()
  );
  create type pgmq.message_record as (
    msg_id bigint, read_ct integer, enqueued_at timestamptz, vt timestamptz, message jsonb
  );
  create type pgmq.metrics_result as (
    queue_name text, queue_length bigint, newest_msg_age_sec integer, oldest_msg_age_sec integer, total_messages bigint,
    scrape_time timestamptz
  );`;

const owner = "app_owner";

/**
 * Takes seconds. `KEEPSAKE_TEST_PGMQ_UPDATES` names a folder with the scripts of further updates,
 * `pgmq--<from>--<to>.sql`.
 */
export async function openPgmqServer(): Promise<PgmqServer> {
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-pgmq-"));
  const removeFolder = async () => await rm(folder, { recursive: true, force: true });
  try {
    // The server may run as another user.
    await chmod(folder, 0o755);
    const scripts = await readScripts();
    const found = await findPostgresBinaries(null);
    await cp(path.dirname(path.dirname(found.postgres)), path.join(folder, "native"), {
      recursive: true,
      verbatimSymlinks: true,
    });
    for (const [name, text] of scripts)
      await writeFile(path.join(folder, "native/share/postgresql/extension", name), text);
    const [initdb, postgres] = ["initdb", "postgres"].map((name) => path.join(folder, "native/bin", name));
    if (initdb === undefined || postgres === undefined) throw new TypeError("no programs");
    const server = await openEmbeddedDatabase({ programs: { initdb, postgres } });
    try {
      await using administrator = openDatabase(server.url);
      await administrator.sql.unsafe(`
        create role anon nologin;
        create role authenticated nologin;
        create role service_role nologin;
        create role ${owner} login createrole createdb bypassrls nosuperuser password 'x';
        grant pg_monitor to ${owner} with admin option`);
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return {
      createDatabase: async () => await createDatabase(server.url),
      versions: versionsFrom("1.4.4", [...scripts.keys()]),
      [Symbol.asyncDispose]: async () => {
        await server[Symbol.asyncDispose]();
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

async function readScripts(): Promise<Map<string, string>> {
  const scripts = new Map(await readPgmqFiles());
  scripts.set("pgmq--1.1.0.sql", firstScript);
  const further = process.env["KEEPSAKE_TEST_PGMQ_UPDATES"];
  if (further !== undefined) {
    for (const name of await readdir(further)) {
      if (/^pgmq--.+--.+\.sql$/.test(name))
        scripts.set(name, await readFile(path.join(further, name), "utf8"));
    }
  }
  return scripts;
}

/** Orders the updates by their names: each begins at the version that the one before leads to. */
function versionsFrom(first: string, names: readonly string[]): string[] {
  const versions = [first];
  for (let at: string | undefined = first; at !== undefined;) {
    const prefix: string = `pgmq--${at}--`;
    at = names.find((name) => name.startsWith(prefix))?.slice(prefix.length, -".sql".length);
    if (at !== undefined) versions.push(at);
  }
  return versions;
}

async function createDatabase(serverUrl: string): Promise<PgmqDatabase> {
  const name = `pgmq_${randomBytes(6).toString("hex")}`;
  const onServer = async (statement: string): Promise<void> => {
    await using server = openDatabase(serverUrl);
    await server.sql.unsafe(statement);
  };
  await onServer(`create database ${name} owner ${owner}`);
  const url = new URL(serverUrl);
  url.pathname = name;
  const ownerUrl = new URL(url);
  ownerUrl.username = owner;
  ownerUrl.password = "x";
  const asSuperuser = openDatabase(url.href);
  const asOwner = openDatabase(ownerUrl.href);
  await asSuperuser.sql.unsafe(`
    alter schema public owner to ${owner};
    alter default privileges for role ${owner} in schema public
      grant all on functions to anon, authenticated, service_role`);
  await asOwner.sql.unsafe(appSchemaSql);
  return {
    asSuperuser,
    asOwner,
    ownerUrl: ownerUrl.href,
    superuserUrl: url.href,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([asOwner[Symbol.asyncDispose](), asSuperuser[Symbol.asyncDispose]()]);
      await onServer(`drop database ${name}`);
    },
  };
}
