import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";

import { startProgram, type RunningProgram } from "../../../dist/process/run-program.js";
import { findPgbouncer } from "../../find-pgbouncer.js";

export type PoolMode = "transaction" | "session";

/** A real PgBouncer before a database, as strict as it comes: unknown startup parameters are refused. */
export interface Pgbouncer extends AsyncDisposable {
  readonly url: string;
  /** The URL of PgBouncer's console, for `show …` and `kill …` as simple queries. */
  readonly consoleUrl: string;
  /** Ends it at once, with all connections, as a deploy of the pooler does. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

export interface PgbouncerOptions {
  readonly mode: PoolMode;
  /** Connections to the server; default 2, so that clients really share them. */
  readonly poolSize?: number;
  /** More lines of its section `[pgbouncer]`. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

const never = new AbortController().signal;

export async function openPgbouncer(databaseUrl: string, options: PgbouncerOptions): Promise<Pgbouncer> {
  const program = findPgbouncer();
  if (program === null) throw new Error("pgbouncer is not installed: install the system package");
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-pgbouncer-"));
  const port = await findFreePort();
  const file = await writeConfiguration(folder, port, new URL(databaseUrl), options);
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? ["--user=nobody"] : [];
  let running: RunningProgram | null = null;
  const stop = async (): Promise<void> => {
    if (running === null) return;
    const { processId } = running;
    process.kill(processId, "SIGTERM");
    await running[Symbol.asyncDispose]();
    running = null;
  };
  const start = async (): Promise<void> => {
    running = await startProgram(program, "process up", {
      args: [...user, file],
      folder,
      user: null,
      signal: never,
    });
  };
  await start();
  const url = new URL(databaseUrl);
  url.port = String(port);
  const console = new URL(url);
  console.pathname = "pgbouncer";
  return {
    url: url.href,
    consoleUrl: console.href,
    stop,
    start,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeConfiguration(
  folder: string,
  port: number,
  server: URL,
  { mode, poolSize = 2, settings = {} }: PgbouncerOptions,
): Promise<string> {
  const users = path.join(folder, "users.txt");
  await writeFile(users, `"${server.username}" "${server.password}"\n`);
  const lines = Object.entries({
    listen_addr: "127.0.0.1",
    listen_port: port,
    unix_socket_dir: "",
    auth_type: "scram-sha-256",
    auth_file: users,
    admin_users: server.username,
    pool_mode: mode,
    default_pool_size: poolSize,
    max_client_conn: 200,
    server_reset_query: "discard all",
    server_login_retry: 0,
    ...settings,
  }).map(([name, value]) => `${name} = ${value}`);
  const file = path.join(folder, "pgbouncer.ini");
  const databases = `[databases]\n* = host=${server.hostname} port=${server.port}\n`;
  await writeFile(file, `${databases}[pgbouncer]\n${lines.join("\n")}\n`);
  // It reads them as the user that it becomes.
  await chmod(folder, 0o711);
  return file;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
