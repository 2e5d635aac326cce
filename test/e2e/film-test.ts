import path from "node:path";

import postgres from "postgres";

import { openTestDatabase } from "../database.js";
import { folderTest } from "../folder-test.js";

/** Tests of the built command with a migrated database for each test, and one folder for the files of all of them. */
export const filmTest = folderTest
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads from the pattern which fixtures are used.
  .extend("database", async ({}, { onCleanup }) => {
    const database = await openTestDatabase();
    onCleanup(async () => await database[Symbol.asyncDispose]());
    return database;
  })
  .extend("sql", async ({ database }, { onCleanup }) => {
    const sql = postgres(database.url, { prepare: false, max: 2, onnotice: () => undefined });
    onCleanup(async () => await sql.end());
    return sql;
  })
  .extend("settings", ({ database, folder }): Record<string, string> => ({
    DATABASE_URL: database.url,
    KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
    KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
    KEEPSAKE_QUALITY: "draft",
  }));
