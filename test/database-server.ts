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
    /** URL of the superuser on one PostgreSQL for the whole run. */
    databaseServerUrl: string;
  }
}

/** In it the app's tables and our migrations; each test gets a copy. */
export const templateName = "keepsake_template";

/**
 * One server a run of tests, with a template database that is migrated once. `KEEPSAKE_TEST_PGMQ_SQL` names a file with
 * the SQL of another PGMQ than the one from npm, to be made in an empty schema `pgmq` before.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await openEmbeddedDatabase();
  await prepareTemplate(server.url);
  project.provide("databaseServerUrl", server.url);
  return async () => await server[Symbol.asyncDispose]();
}

export async function prepareTemplate(serverUrl: string): Promise<void> {
  const sql = postgres(serverUrl, { onnotice: () => undefined });
  // As on Supabase, so that the grants to them are made.
  for (const role of ["anon", "authenticated", "service_role"])
    await sql.unsafe(`create role ${role} nologin`);
  await sql.unsafe(`create database ${templateName}`);
  await sql.end();
  const template = new URL(serverUrl);
  template.pathname = templateName;
  {
    await using database = openDatabase(template.href);
    // So too: what is not taken from visitors by name, they have.
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
