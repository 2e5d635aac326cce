import { chown, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openEmbeddedDatabase, type EmbeddedDatabase } from "../../../dist/embedded/embedded-database.js";
import { openDatabase } from "../../../dist/database/open-database.js";
import { makeCertificates } from "./make-certificates.js";

let folder: string;
let serverFolder: string;
let server: EmbeddedDatabase;
/** Paths of the authority that signed the server's certificate, and of one that did not. */
let right: string;
let wrong: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "keepsake-tls-"));
  right = path.join(folder, "right.crt");
  wrong = path.join(folder, "wrong.crt");
  const { authority, certificate, key } = await makeCertificates([{ type: "dns", value: "localhost" }]);
  await writeFile(right, authority);
  await writeFile(wrong, (await makeCertificates([])).authority);
  serverFolder = await mkdtemp(path.join(tmpdir(), "keepsake-tls-server-"));
  server = await openEmbeddedDatabase({ folder: serverFolder });
  await giveToServer(path.join(serverFolder, "data/server.crt"), certificate);
  await giveToServer(path.join(serverFolder, "data/server.key"), key);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  for (const made of [folder, serverFolder]) await rm(made, { recursive: true, force: true });
});

/** The server reads only a key that it owns and that no one else may read. */
async function giveToServer(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
  const owner = await stat(path.dirname(file));
  await chown(file, owner.uid, owner.gid);
}

async function turnTls(to: "on" | "off"): Promise<void> {
  await using database = openDatabase(server.url);
  await database.control.query((sql) => sql.unsafe(`alter system set ssl = ${to}`));
  await database.control.query((sql) => sql.unsafe("select pg_reload_conf()"));
  for (;;) {
    const [row] = await database.control.query((sql) => sql.unsafe("show ssl"));
    if (row?.["ssl"] === to) return;
  }
}

/** Connects. @returns whether the server reports an encrypted connection */
async function connect(host: string, parameters: string): Promise<unknown> {
  const url = new URL(server.url);
  url.hostname = host;
  await using database = openDatabase(`${url.href}?${parameters}`);
  const [row] = await database.control.query(
    (sql) => sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`,
  );
  return row?.["ssl"];
}

describe("a server with TLS", () => {
  beforeAll(async () => await turnTls("on"));

  it.each([
    ["sslmode=require", () => "sslmode=require"],
    ["sslmode=prefer", () => "sslmode=prefer"],
    ["verify-full with its authority", () => `sslmode=verify-full&sslrootcert=${right}`],
    ["verify-ca with its authority", () => `sslmode=verify-ca&sslrootcert=${right}`],
    ["its authority alone", () => `sslrootcert=${right}`],
  ])("connects with TLS: %s", async (_name, parameters) => {
    expect(await connect("localhost", parameters())).toBe(true);
  });

  it("connects without TLS only where that is asked for, or by default on loopback", async () => {
    expect(await connect("localhost", "sslmode=disable")).toBe(false);
    expect(await connect("127.0.0.1", "")).toBe(false);
  });

  it.each([
    ["another authority", "localhost", () => `sslmode=verify-full&sslrootcert=${wrong}`, "prod-ca-2021.crt"],
    [
      "another authority, verify-ca",
      "localhost",
      () => `sslmode=verify-ca&sslrootcert=${wrong}`,
      "sslrootcert",
    ],
    ["no authority that the system knows", "localhost", () => "sslmode=verify-full", "sslrootcert"],
    ["a name that is not in the certificate", "127.0.0.1", () => `sslrootcert=${right}`, "another host"],
  ])("rejects a server with %s, and explains why", async (_name, host, parameters, words) => {
    await expect(connect(host, parameters())).rejects.toMatchObject({
      code: "database-refused",
      fault: "setup",
      message: expect.stringContaining(words),
    });
  });

  it("accepts a server of another name with verify-ca", async () => {
    expect(await connect("127.0.0.1", `sslmode=verify-ca&sslrootcert=${right}`)).toBe(true);
  });
});

describe("a server without TLS", () => {
  beforeAll(async () => await turnTls("off"));

  it.each(["sslmode=require", "sslmode=verify-full"])(
    "rejects a server without TLS with %s",
    async (parameters) => {
      await expect(connect("localhost", parameters)).rejects.toMatchObject({
        code: "database-refused",
        message: expect.stringContaining("offers no TLS"),
      });
    },
  );

  it("connects to a server without TLS with sslmode=prefer", async () => {
    expect(await connect("localhost", "sslmode=prefer")).toBe(false);
  });
});
