/** A PostgreSQL of its own with a migrated database, that can be stopped and started again in the middle of everything. */
import { readFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import postgres from "postgres";

import { openEmbeddedDatabase } from "../../dist/embedded/embedded-database.js";
import { prepareTemplate, templateName } from "../global-setup.js";

export interface RestartingDatabase extends AsyncDisposable {
  readonly url: string;
  /** `shutdown` says goodbye to clients; `crash` is what a power cut is to them; then the server recovers. */
  readonly stop: (how: "shutdown" | "crash") => Promise<void>;
  readonly start: () => Promise<void>;
}

export async function openRestartingDatabase(): Promise<RestartingDatabase> {
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-restarts-"));
  let server = await openEmbeddedDatabase({ folder });
  const url = new URL(server.url);
  const port = Number(url.port);
  await prepareTemplate(url.href);
  await onServer(url.href, "create database chaos template " + templateName);
  // Committed data must survive a crash. By default the embedded server does not guarantee that.
  await onServer(url.href, "alter database chaos set synchronous_commit = on");
  url.pathname = "chaos";
  return {
    url: url.href,
    async stop(how) {
      if (how === "crash") {
        const [pid = ""] = (await readFile(path.join(folder, "data", "postmaster.pid"), "utf8")).split("\n");
        process.kill(Number(pid), "SIGQUIT");
      }
      await server[Symbol.asyncDispose]();
    },
    async start() {
      server = await openEmbeddedDatabase({ folder, port });
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
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
