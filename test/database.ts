import { randomBytes } from "node:crypto";

import postgres from "postgres";
import { inject } from "vitest";

import { templateName } from "./global-setup.js";

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
}

/**
 * A throw-away database. Disposing it fails when a connection of the test is still open.
 * @param template with the app's tables and our migrations unless `template0` is asked for: an empty one
 */
export async function openTestDatabase(template: string = templateName): Promise<TestDatabase> {
  const serverUrl = inject("databaseServerUrl");
  const name = `test_${randomBytes(6).toString("hex")}`;
  await onServer(serverUrl, `create database ${name} template ${template}`);
  const url = new URL(serverUrl);
  url.pathname = name;
  return {
    url: url.href,
    [Symbol.asyncDispose]: async () => await onServer(serverUrl, `drop database ${name}`),
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}
