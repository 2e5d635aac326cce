import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import path from "node:path";

import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { claimJob } from "../../../dist/queue/claim-job.js";
import { openDatabase, type PostgresDatabase } from "../../../dist/database/open-database.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { audit } from "../../chaos/audit.js";
import {
  openChaosEnvironment,
  type ChaosEnvironment,
  type CloseEnvironment,
} from "../../chaos/chaos-environment.js";
import { filmFor, must, never } from "../queue/queue-rig.js";

let environment: ChaosEnvironment;
let close: CloseEnvironment;
let database: PostgresDatabase;
let capsuleId: string;
beforeEach(async () => {
  ({ environment, close } = await openChaosEnvironment({ seed: 1, leaveSeconds: 1 }));
  database = openDatabase(environment.databaseUrl, { applicationName: "worker-a" });
  [capsuleId = ""] = await environment.enqueue(["The lake, every summer."]);
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
  await close();
});

async function claim() {
  const job = must(await claimJob(database, "worker-a", 120, crypto.randomUUID(), never));
  await acquireCapsule(database, job, capsuleId);
  return job;
}

async function putObject(header: object): Promise<void> {
  const bytes = `${JSON.stringify(header)}\nfilm`;
  const metadata = Buffer.from(JSON.stringify({ sha256: "", fingerprint: "f".repeat(64) })).toString(
    "base64",
  );
  const reply = await fetch(`${environment.storage.url}/storage/v1/object/videos/${capsuleId}.mp4`, {
    method: "POST",
    headers: { apikey: environment.storageKey, "x-upsert": "true", "x-metadata": metadata },
    body: bytes,
  });
  expect(reply.status).toBe(200);
}

/** The lease is over, and the job was claimed again by `worker-b`. */
async function loseLease(): Promise<void> {
  await environment.sql`update pgmq.q_video_jobs_queue set vt = clock_timestamp()`;
  await using other = openDatabase(environment.databaseUrl, { applicationName: "worker-b" });
  must(await claimJob(other, "worker-b", 120, crypto.randomUUID(), never));
}

describe("the auditor", () => {
  it("finds nothing where nothing is wrong", async () => {
    const job = await claim();
    expect(await publishFilm(database, job, await filmFor(database.sql, capsuleId))).toBe("published");
    const { staleWrites, ...others } = await audit(environment);
    expect(others).toEqual({ lost: [], publishedTwice: [] });
    // Only the object was never put.
    expect(staleWrites).toEqual([expect.stringContaining("is not the film that was published")]);
  });

  it("finds a job that is gone, and one that was archived without an end", async () => {
    await environment.enqueue(["Another.", "A third."]);
    await environment.sql`delete from pgmq.q_video_jobs_queue where msg_id = 1`;
    await environment.sql`select pgmq.archive('video_jobs_queue'::text, 2::bigint)`;
    const { lost } = await audit(environment);
    expect(lost.join("\n")).toContain("job 1 is neither in the queue nor in the archive");
    expect(lost.join("\n")).toContain("job 2 was archived without an end");
    expect(lost.join("\n")).toMatch(/capsule .* has neither a film, nor a job, nor a dead letter/);
  });

  it("finds a capsule that was pointed at its film twice, by an attempt without a lease", async () => {
    for (const url of ["https://a.example", null, "https://a.example"])
      await environment.sql`update public.capsules set final_video_url = ${url}`;
    const { publishedTwice, staleWrites } = await audit(environment);
    expect(publishedTwice.join("\n")).toContain("2 times at https://a.example");
    expect(staleWrites).toHaveLength(3);
  });

  it("finds what an attempt wrote to its rows after another one had its job", async () => {
    const job = await claim();
    await loseLease();
    await database.sql`
      update keepsake.films set published_at = now(), state = 'published' where msg_id = ${job.msgId}::bigint`;
    await database.sql`
      update keepsake.attempts set outcome = 'published', job_state = 'archived' where read_ct = 1`;
    const { staleWrites } = await audit(environment);
    expect(staleWrites.join("\n")).toContain("worker-a wrote the film");
    expect(staleWrites.join("\n")).toContain("worker-a wrote the attempt");
  });

  it("finds an object that an attempt wrote after another one had its job", async () => {
    const job = await claim();
    const header = { msgId: String(job.msgId), readCount: job.readCount, worker: "worker-a" };
    await putObject(header);
    expect((await audit(environment)).staleWrites).toEqual([]);
    await loseLease();
    await putObject(header);
    expect((await audit(environment)).staleWrites).toEqual([
      expect.stringMatching(/was written by worker-a .* after the job was claimed again/),
    ]);
  });
});

describe("closing the environment", () => {
  it("finds a folder, a process and a connection that were left behind, and removes them", async () => {
    const left = await openChaosEnvironment({ seed: 1, leaveSeconds: 1 });
    await mkdir(path.join(left.environment.workFolder, `film-${process.pid}-x`));
    const sql = postgres(left.environment.databaseUrl, {
      max: 1,
      connection: { application_name: "worker-9" },
    });
    await sql`select 1`;
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
      cwd: left.environment.workFolder,
    });
    const exited = once(child, "exit");
    expect((await left.close()).map((one) => one.replaceAll(/\d+/g, "n"))).toEqual([
      expect.stringMatching(/^process n is left: .*setInterval/),
      "folder film-n-x is left",
      "a connection of worker-n is left",
    ]);
    expect(await exited).toEqual([null, "SIGKILL"]);
    await sql.end();
  });
});
