import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { fileURLToPath } from "node:url";

import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openTestDatabase } from "../database.js";
import { useFolder } from "../use-folder.js";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const hasScript = spawnSync("script", ["--version"]).status === 0;

const folder = useFolder();
let database: Awaited<ReturnType<typeof openTestDatabase>>;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** The command in a terminal of its own, which `script` of util-linux gives it: keys go in, what is shown comes out. */
function startInTerminal(words: string, environment: Readonly<Record<string, string>>) {
  const child: ChildProcess = spawn(
    "script",
    ["-qefc", `"${process.execPath}" "${cli}" ${words}`, "/dev/null"],
    {
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], TERM: "xterm-256color", ...environment },
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  let shown = "";
  const listeners = new Set<() => void>();
  child.stdout?.setEncoding("utf8").on("data", (piece: string) => {
    shown += piece;
    for (const listener of listeners) listener();
  });
  const ended = once(child, "close").then(([code]) => code as number | null);
  return {
    ended,
    shown: () => shown,
    press: (key: string) => child.stdin?.write(key),
    until: async (pattern: RegExp): Promise<void> => {
      const seen = new Promise<void>((resolve) => {
        const check = (): void => {
          if (pattern.test(shown)) resolve();
        };
        listeners.add(check);
        check();
      });
      const isSeen = await Promise.race([seen.then(() => true), ended.then(() => pattern.test(shown))]);
      if (!isSeen) throw new Error(`It ended without ${pattern}: ${shown}`);
    },
  };
}

describe.skipIf(!hasScript)("a worker in a terminal (needs the program script of util-linux)", () => {
  it("shows each record of the log on one line, and says that a second Ctrl-C stops at once", async () => {
    const sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
    const [capsule] = await sql<{ id: string }[]>`
      insert into public.capsules (title, status) values ('Margaret Hollis', 'closed') returning id`;
    await sql`
      insert into public.messages (capsule_id, contributor_name, content_text)
      select ${capsule?.id ?? ""}::uuid, 'Daniel', repeat('The lake, every summer. ', 40) from generate_series(1, 8)`;
    await sql`select keepsake.enqueue(${capsule?.id ?? ""}::uuid)`;
    await sql.end();
    const worker = startInTerminal("work", {
      DATABASE_URL: database.url,
      KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
      KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
      KEEPSAKE_WORKER_NAME: "render-host:7",
    });
    await worker.until(/attempt started/);
    worker.press("\u0003");
    await worker.until(/press Ctrl-C again to stop now/);
    worker.press("\u0003");
    expect(await worker.ended).toBe(130);

    const lines = worker.shown().split(/\r?\n|\r/);
    const started = lines.filter((line) => line.includes("attempt started"));
    expect(started).toHaveLength(1);
    expect(started[0]).toContain("\u001B[");
    expect(stripVTControlCharacters(started[0] ?? "")).toMatch(
      new RegExp(
        String.raw`^\[20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ\] INFO: attempt started \{"worker":"render-host:7",` +
          `"capsuleId":"${capsule?.id}","msgId":"1","readCount":1,"attempt":1\\}$`,
      ),
    );
  });

  it("does not mention a second Ctrl-C where the first one ends a command at once", async () => {
    const watching = startInTerminal("status --watch", { DATABASE_URL: database.url });
    await watching.until(/dead {5}nothing has failed/);
    watching.press("\u0003");
    expect(await watching.ended).toBe(130);
    expect(watching.shown()).not.toContain("again to stop");
  });
});
