import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import postgres from "postgres";

import { startProgram } from "../dist/process/run-program.js";

/** Supabase's own small server, whose Data API speaks as PostgREST does, before a database. */
export interface SupabaseLite extends AsyncDisposable {
  /** The value for SUPABASE_URL. */
  readonly url: string;
  readonly secretKey: string;
  /** The key of visitors, with the role anon. */
  readonly publishableKey: string;
  /** The token that a signed-in user sends with the publishable key, with the role authenticated. */
  readonly userToken: string;
}

const publishableKey = "sb_publishable_0123456789abcdefghijkl";
const jwtSecret = "0123456789abcdef0123456789abcdef";
const applicationName = "supabase-lite";

/** PostgREST reads the database's functions when it starts. */
export async function openSupabaseLite(
  databaseUrl: string,
  secretKey = "sb_secret_0123456789abcdefghijkl",
): Promise<SupabaseLite> {
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-lite-"));
  const port = await findFreePort();
  const database = new URL(databaseUrl);
  database.searchParams.set("application_name", applicationName);
  await mkdir(path.join(folder, "supabase"));
  await writeFile(
    path.join(folder, "supabase/config.toml"),
    `[api]\nport = ${port}\n[db]\ndriver = "postgres"\nurl = "${database.href}"\n` +
      `[auth]\nenabled = false\njwt_secret = "${jwtSecret}"\n` +
      `publishable_key = "${publishableKey}"\nsecret_key = "${secretKey}"\n`,
  );
  const cli = fileURLToPath(new URL("index.js", import.meta.resolve("@supabase/lite/cli")));
  const server = await startProgram(process.execPath, "Ready in", {
    // In its mode for administrators a request without a key would be service_role's.
    args: [cli, "--no-telemetry", "start", "--no-admin"],
    folder,
    user: null,
    signal: new AbortController().signal,
  });
  return {
    url: `http://127.0.0.1:${port}`,
    secretKey,
    publishableKey,
    userToken: signToken({ role: "authenticated", exp: Math.floor(Date.now() / 1000) + 3600 }),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
      await waitUntilGone(databaseUrl);
    },
  };
}

/** A server process of PostgreSQL ends a moment after its client. */
async function waitUntilGone(databaseUrl: string): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1 });
  try {
    for (;;) {
      const left = await sql`
        select 1 from pg_stat_activity
        where datname = current_database() and application_name = ${applicationName}`;
      if (left.length === 0) return;
      await sql`select pg_sleep(0.02)`;
    }
  } finally {
    await sql.end();
  }
}

function signToken(claims: object): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", jwtSecret).update(signed).digest("base64url")}`;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
