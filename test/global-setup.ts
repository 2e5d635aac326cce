import { readFile } from "node:fs/promises";

import postgres from "postgres";
import type { TestProject } from "vitest/node";

import { appSchemaSql } from "../dist/embedded/app-schema.js";
import { openEmbeddedDatabase } from "../dist/embedded/embedded-database.js";
import { migrate } from "../dist/database/migrate.js";
import { readPgmqSql } from "../dist/embedded/pgmq-sql.js";
import { openDatabase } from "../dist/database/open-database.js";

declare module "vitest" {
  interface ProvidedContext {
    /** URL of the superuser of the one PostgreSQL server that all tests of a run share. */
    databaseServerUrl: string;
  }
}

/** Name of the database with the app's tables and our migrations that each test gets a copy of. */
export const templateName = "keepsake_template";

/** Projects whose tests open no database. */
const withoutDatabase = new Set(["unit", "corpus", "more fuzz"]);

/**
 * Starts one PostgreSQL server for all projects of a run, with a template database that is migrated once. The setting
 * `KEEPSAKE_TEST_PGMQ_SQL` names a file with the SQL of a PGMQ other than the one from npm.
 */
export async function setup({ vitest, provide }: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (vitest.projects.every(({ name }) => withoutDatabase.has(name))) return undefined;
  const server = await openEmbeddedDatabase();
  await prepareTemplate(server.url);
  provide("databaseServerUrl", server.url);
  return async () => await server[Symbol.asyncDispose]();
}

export async function prepareTemplate(serverUrl: string): Promise<void> {
  const sql = postgres(serverUrl, { onnotice: () => undefined });
  // Supabase has these roles, and the migrations grant rights to them.
  for (const role of ["anon", "authenticated", "service_role"])
    await sql.unsafe(`create role ${role} nologin`);
  await sql.unsafe(`create database ${templateName}`);
  await sql.end();
  const template = new URL(serverUrl);
  template.pathname = templateName;
  {
    await using database = openDatabase(template.href);
    // Supabase grants these rights to visitors by default, so a migration must revoke what visitors may not do.
    await database.sql.unsafe(
      "alter default privileges in schema public grant all on functions to anon, authenticated, service_role",
    );
    await database.sql.unsafe(appSchemaSql);
    const otherPgmq = process.env["KEEPSAKE_TEST_PGMQ_SQL"];
    if (otherPgmq !== undefined) {
      await database.sql.unsafe("create schema pgmq");
      await database.sql.unsafe(await readFile(otherPgmq, "utf8"));
    }
    await migrate(database, { pgmqSql: readPgmqSql, signal: new AbortController().signal });
  }
}
