import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import postgres from "postgres";

import { openTestDatabase } from "../database.js";
import { openStorageServer, type StorageServer } from "../integration/storage/storage-server.js";
import { openSupabaseLite } from "../open-supabase-lite.js";
import type { Ran } from "./keepsake.js";
import { createMark, tokenOf, type Evidence, type Mark } from "./marks.js";
import { openGateway } from "./open-gateway.js";
import { evidenceOf, watchTree, type FoundProcess } from "./watch-tree.js";

/** The two ways in to the database, each with the kind of key that goes with it in most projects. */
export type Way = "connection" | "data-api";

export interface SecretsEnvironment extends AsyncDisposable {
  readonly folder: string;
  /** The address of the project. */
  readonly url: string;
  readonly marks: readonly Mark[];
  /** A token as it stands in a signed address. */
  readonly signed: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly storage: StorageServer;
  readonly sql: postgres.Sql;
  /** Runs the built command with a core file allowed, and keeps all that it and its children show. */
  run(args: readonly string[], options?: RunOptions): Promise<WatchedRun>;
}

export interface RunOptions {
  /** An empty text takes a setting away. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Before a pseudo-terminal, which has the log written for people. */
  readonly terminal?: boolean;
  readonly onStart?: (pid: number) => void;
  /** The command is asked to end (SIGTERM) once its standard error holds this: a worker waits for what is away. */
  readonly stopAt?: RegExp;
  /** Called for each process that it starts. */
  readonly onFound?: (one: FoundProcess) => void;
}

export interface WatchedRun extends Ran {
  readonly processes: ReadonlyMap<number, FoundProcess>;
  readonly evidence: readonly Evidence[];
}

/** The faults of the storage server, which each test sets. */
export interface Trouble {
  intercept: NonNullable<Parameters<typeof openStorageServer>[0]["intercept"]> | null;
}

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

export async function openSecretsEnvironment(way: Way, trouble: Trouble): Promise<SecretsEnvironment> {
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-secrets-"));
  for (const name of ["home", "cwd", "tmp"]) await mkdir(path.join(folder, name));
  const [key, password, token] = ["service key", "password", "signed address"].map(createMark) as [
    Mark,
    Mark,
    Mark,
  ];
  const serviceKey = way === "connection" ? tokenOf(key, { role: "service_role" }) : `sb_secret_${key.core}`;
  const database = await openTestDatabase();
  const sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
  const role = `owner_${password.core.slice(-8)}`;
  // This has a separate connection, because the server shows the last statement of an open one.
  const asOwner = postgres(database.url, { max: 1 });
  await asOwner.unsafe(`create role ${role} superuser login password '${password.core}@/#?%'`);
  await asOwner.end();
  const lite = way === "data-api" ? await openSupabaseLite(database.url, serviceKey) : null;
  const storage = await openStorageServer({
    key: serviceKey,
    buckets: {
      videos: { public: false, file_size_limit: null },
      media: { public: false, file_size_limit: null },
    },
    intercept: (request, response) => trouble.intercept?.(request, response) ?? false,
  });
  const project = await openGateway((url) =>
    lite !== null && url.startsWith("/rest/") ? lite.url : storage.url,
  );
  const connection = new URL(database.url);
  connection.username = role;
  connection.password = encodeURIComponent(`${password.core}@/#?%`);
  const settings = {
    ...(way === "connection" && { DATABASE_URL: connection.href }),
    SUPABASE_URL: project.url,
    SUPABASE_SERVICE_ROLE_KEY: serviceKey,
    KEEPSAKE_MEDIA_BUCKETS: "*",
    KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
    KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
    KEEPSAKE_SIZE: "640x360",
    KEEPSAKE_QUALITY: "archive",
    KEEPSAKE_LOG: "debug",
  };

  return {
    folder,
    url: project.url,
    marks: [key, password, token],
    signed: tokenOf(token, { url: "media/lake.jpg", exp: 1_700_000_000 }),
    settings,
    storage,
    sql,
    run: (args, options) => runWatched(folder, args, settings, options),
    [Symbol.asyncDispose]: async () => {
      await project[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
      await lite?.[Symbol.asyncDispose]();
      await sql.unsafe(`drop role ${role}`);
      await sql.end();
      await database[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

async function runWatched(
  folder: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
  { settings: changes = {}, terminal = false, onStart, stopAt, onFound = () => undefined }: RunOptions = {},
): Promise<WatchedRun> {
  const command = [process.execPath, cli, ...args];
  const quoted = command.map((word) => `'${word}'`).join(" ");
  const shell = terminal ? ["script", "-qec", quoted, "/dev/null"] : command;
  const { PATH = "" } = process.env;
  const asked = {
    PATH,
    HOME: path.join(folder, "home"),
    TMPDIR: path.join(folder, "tmp"),
    ...settings,
    ...changes,
  };
  const child = spawn("bash", ["-c", 'ulimit -S -c $(ulimit -H -c); exec "$@"', "bash", ...shell], {
    cwd: path.join(folder, "cwd"),
    env: Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== "")),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (text.stdout += piece));
  let isAskedToEnd = false;
  child.stderr.setEncoding("utf8").on("data", (piece: string) => {
    text.stderr += piece;
    if (stopAt === undefined || isAskedToEnd || !stopAt.test(text.stderr)) return;
    isAskedToEnd = true;
    child.kill("SIGTERM");
  });
  const ended = new AbortController();
  const { pid = 0 } = child;
  const watching = watchTree(pid, ended.signal, onFound);
  onStart?.(pid);
  const [exitCode] = (await once(child, "close")) as [number | null];
  ended.abort();
  const processes = await watching;
  const name = `keepsake ${args.join(" ")}`;
  return {
    exitCode,
    ...text,
    processes,
    evidence: [
      { where: `standard output of ${name}`, bytes: text.stdout },
      { where: `standard error of ${name}`, bytes: text.stderr },
      ...evidenceOf(processes.values()),
    ],
  };
}
