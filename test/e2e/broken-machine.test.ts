import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";

import { openTestDatabase, type TestDatabase } from "../database.js";
import { waveFile } from "../wave-file.js";
import { keepsake, lastJson, startKeepsake } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

const capsuleId = "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9b11";
const lastLine = /libstdc\+\+\.so\.6: (?:file too short|invalid ELF header)/;

let database: TestDatabase;
let sql: postgres.Sql;
const folder = useFolder();
beforeAll(async () => {
  database = await openTestDatabase();
  sql = postgres(database.url, { prepare: false, max: 2, onnotice: () => undefined });
  await mkdir(path.join(folder, "storage"));
  await mkdir(path.join(folder, "libraries"));
  await writeFile(path.join(folder, "music.wav"), tone());
  // Only children look for libraries there: this process has its own by then.
  await writeFile(
    path.join(folder, "break-children.cjs"),
    `process.env.LD_LIBRARY_PATH = ${JSON.stringify(path.join(folder, "libraries"))};`,
  );
});
afterAll(async () => {
  await sql.end();
  await database[Symbol.asyncDispose]();
});

/** While a library that Node needs is no library, each child ends before it has run a line. */
const breakMachine = async () => await writeFile(path.join(folder, "libraries/libstdc++.so.6"), "broken");
const repairMachine = async () => await rm(path.join(folder, "libraries/libstdc++.so.6"));

function settings() {
  return {
    DATABASE_URL: database.url,
    KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
    KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
    KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
    KEEPSAKE_SIZE: "360x360",
    KEEPSAKE_QUALITY: "draft",
    // It is decoded by a process, too, before the first film.
    KEEPSAKE_MUSIC: path.join(folder, "music.wav"),
    KEEPSAKE_DRAIN_SECONDS: "0",
  };
}

async function notClaiming(): Promise<string | null> {
  const status = lastJson(await keepsake(["status", "--json"], settings())) as {
    readonly workers: readonly { readonly notClaiming: string | null }[];
  };
  return status.workers[0]?.notClaiming ?? null;
}

const attempts = async () =>
  await sql`select outcome, error_code, error_message from keepsake.attempts order by started_at`;

it.runIf(process.platform === "linux")(
  "a worker claims nothing while no child can run, reports the reason, and continues once the machine is repaired",
  async () => {
    await sql`insert into public.capsules (id, title, status) values (${capsuleId}::uuid, 'Margaret', 'closed')`;
    await sql`
      insert into public.messages (capsule_id, contributor_name, content_text)
      values (${capsuleId}::uuid, 'Priya', 'One more summer.')`;
    await keepsake(["enqueue", capsuleId], settings());
    await breakMachine();

    const doctor = await keepsake(["doctor"], { ...settings(), NODE_OPTIONS: breaking() });
    expect(doctor.exitCode).toBe(3);
    expect(doctor.stdout).toMatch(/^BAD  processes: No film can be made on this machine.*libstdc/m);
    // A worker that ends with the queue does not wait for a repair.
    const untilEmpty = await keepsake(["work", "--until-empty"], { ...settings(), NODE_OPTIONS: breaking() });
    expect(untilEmpty.exitCode).toBe(3);
    expect(untilEmpty.stderr).toContain("[child-probe-failed]");

    await using worker = startWorker();
    await expect.poll(notClaiming, { interval: 500 }).toMatch(lastLine);
    expect(worker.said()).toMatch(/"code":"child-probe-failed".*libstdc.*"msg":"claiming no jobs"/);
    expect(await attempts()).toEqual([]);

    await repairMachine();
    await expect.poll(attempts, { interval: 500 }).toMatchObject([{ outcome: "published" }]);
    expect(worker.said()).toContain("claiming jobs again");
    await expect.poll(notClaiming, { interval: 500 }).toBeNull();

    // It breaks while the worker waits for jobs: the one attempt that finds out is not counted.
    await breakMachine();
    await sql`update public.messages set content_text = 'And one more.' where capsule_id = ${capsuleId}::uuid`;
    await keepsake(["enqueue", capsuleId], settings());
    await expect.poll(notClaiming, { interval: 500 }).toMatch(lastLine);
    const broken = { outcome: "interrupted", error_code: "child-probe-failed" };
    expect(await attempts()).toMatchObject([{ outcome: "published" }, broken]);
    expect((await attempts())[1]?.["error_message"]).toMatch(lastLine);

    await repairMachine();
    await expect
      .poll(attempts, { interval: 500 })
      .toMatchObject([{ outcome: "published" }, broken, { outcome: "published" }]);
  },
);

/** A second of 16-bit mono at 48 kHz. */
function tone(): Buffer {
  const samples = Int16Array.from({ length: 48_000 }, (_, at) => 8_000 * Math.sin((at / 48_000) * 2764));
  return waveFile(samples, { sampleRate: 48_000, channelCount: 1 });
}

function breaking(): string {
  return `--require ${path.join(folder, "break-children.cjs")}`;
}

function startWorker() {
  const worker = startKeepsake(["work"], { ...settings(), NODE_OPTIONS: breaking() });
  const end = once(worker, "close");
  let said = "";
  worker.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
  return {
    said: () => said,
    [Symbol.asyncDispose]: async () => {
      worker.kill("SIGTERM");
      await end;
    },
  };
}
