/**
 * A real PostgreSQL for the demo and the tests. Its programs come from an npm package; it listens only on loopback, with a
 * random port and password. It is fast rather than durable, so it must never contain important data.
 */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { KeepsakeError } from "../errors.js";
import { runProgram, startProgram, type ProgramUser } from "../process/run-program.js";
import { othersCanEnter } from "./others-can-enter.js";
import { findPostgresBinaries, type PostgresBinaries } from "./postgres-binaries.js";

export interface EmbeddedDatabase extends AsyncDisposable {
  /** `postgres://` URL of the superuser; its password is valid for this server only. */
  readonly url: string;
}

export interface EmbeddedDatabaseOptions {
  /** Folder of data that stays between runs. Default: a temporary folder, which is removed at the end. */
  readonly folder?: string;
  /** Default: a free port. */
  readonly port?: number;
  /** Default: the programs of the npm package. */
  readonly programs?: PostgresBinaries;
  /** Settings of the server, which override our own. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const serverSettings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  shared_buffers: "32MB",
  // Containers often have little or no /dev/shm.
  dynamic_shared_memory_type: "mmap",
  max_connections: "200",
  timezone: "UTC",
  log_min_messages: "log",
};

/**
 * Starts the server. The first start in a folder takes about two seconds, later ones a fraction of a second.
 *
 * @throws KeepsakeError `development-package-missing` or `embedded-database-failed`
 */
export async function openEmbeddedDatabase(options: EmbeddedDatabaseOptions = {}): Promise<EmbeddedDatabase> {
  const signal = options.signal ?? new AbortController().signal;
  const user = await ordinaryUser();
  const folder = options.folder ?? (await makeTemporaryFolder(user));
  const temporary = options.folder === undefined;
  const removeAtExit = (): void => {
    if (temporary) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once("exit", removeAtExit);
  const removeFolder = async (): Promise<void> => {
    process.off("exit", removeAtExit);
    if (temporary) await rm(folder, { recursive: true, force: true });
  };
  try {
    await mkdir(folder, { recursive: true });
    if (user !== null) {
      if (!(await othersCanEnter(path.dirname(path.resolve(folder))))) throw cannotEnter(folder);
      await chown(folder, user.uid, user.gid);
    }
    const binaries = options.programs ?? (await findPostgresBinaries(user === null ? null : folder));
    const data = path.join(folder, "data");
    const password = await initialise(binaries.initdb, folder, data, user, signal);
    const port = options.port ?? (await findFreePort());
    const settings = Object.entries({ ...serverSettings, ...options.settings }).flatMap(([name, value]) => [
      "-c",
      `${name}=${value}`,
    ]);
    const server = await startProgram(binaries.postgres, "ready to accept connections", {
      args: ["-D", data, "-p", String(port), ...settings],
      folder,
      user,
      signal,
    });
    return {
      url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      [Symbol.asyncDispose]: async () => {
        await server[Symbol.asyncDispose]();
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    if (signal.aborted || !(error instanceof KeepsakeError) || error.code !== "program-failed") throw error;
    throw new KeepsakeError(
      "embedded-database-failed",
      `The embedded database did not start: ${error.message}`,
      {
        cause: error,
      },
    );
  }
}

/** Creates the database files if there are none, and returns the superuser's password. */
async function initialise(
  initdb: string,
  folder: string,
  data: string,
  user: ProgramUser | null,
  signal: AbortSignal,
): Promise<string> {
  const passwordFile = path.join(folder, "password");
  const made = await stat(path.join(data, "PG_VERSION")).catch(() => null);
  if (made !== null) return await readFile(passwordFile, "utf8");
  const password = randomBytes(18).toString("hex");
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== null) await chown(passwordFile, user.uid, user.gid);
  const args = ["--pgdata", data, "--username=postgres", `--pwfile=${passwordFile}`, "--no-sync"];
  const locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"];
  await runProgram(initdb, {
    args: [...args, ...locale, "--auth=scram-sha-256", "--no-instructions"],
    folder,
    user,
    signal,
  });
  return password;
}

/**
 * Finds the user for the server. PostgreSQL does not run as root, so a root process uses the user `nobody`. Null when this
 * process does not run as root.
 */
async function ordinaryUser(): Promise<ProgramUser | null> {
  if (process.getuid?.() !== 0) return null;
  const users = await readFile("/etc/passwd", "utf8");
  const fields = /^nobody:[^:]*:(\d+):(\d+):/m.exec(users);
  if (fields === null) {
    throw new KeepsakeError(
      "embedded-database-failed",
      "PostgreSQL cannot run as root, and this system has no user `nobody` for it: start this as another user.",
    );
  }
  return { uid: Number(fields[1]), gid: Number(fields[2]) };
}

/**
 * Creates a temporary folder that the server can enter. The system's folder for temporary files may be accessible to root
 * only, for example with the PAM module `pam_tmpdir`, but the server runs as another user.
 */
async function makeTemporaryFolder(user: ProgramUser | null): Promise<string> {
  const name = "keepsake-postgres-";
  if (user === null) return await mkdtemp(path.join(tmpdir(), name));
  for (const parent of [tmpdir(), "/tmp", "/var/tmp"])
    if (await othersCanEnter(parent).catch(() => false)) return await mkdtemp(path.join(parent, name));
  throw cannotEnter(tmpdir());
}

function cannotEnter(folder: string): KeepsakeError {
  return new KeepsakeError(
    "embedded-database-failed",
    `The embedded database cannot run in ${folder}: PostgreSQL cannot run as root, and the user \`nobody\` cannot ` +
      "enter that folder. Set TMPDIR to a folder that every user can enter, or start this as another user.",
  );
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
