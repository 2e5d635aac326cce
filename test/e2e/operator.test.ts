import { spawn } from "node:child_process";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect } from "vitest";

import { filmTest } from "./film-test.js";
import { keepsake, lastJson, type Ran } from "./keepsake.js";

/** The command as an operator runs it. */
const test = filmTest.extend("operator", ({ settings: plain, sql }) => {
  const settings = { ...plain, KEEPSAKE_OPERATOR: "maria", KEEPSAKE_LOG: "silent" };
  return {
    settings,
    /** Runs a command that must succeed, and checks that each of its lines fits a terminal. */
    run: async (...args: string[]): Promise<Ran> => {
      const ran = await keepsake(args, settings);
      expect(ran, ran.stderr).toMatchObject({ exitCode: 0 });
      if (!args.includes("--json")) {
        for (const line of ran.stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
      }
      return ran;
    },
    refused: async (exitCode: number, code: string, ...args: string[]): Promise<string> => {
      const ran = await keepsake(args, settings);
      expect(ran.stderr).toContain(`[${code}]`);
      expect(ran.exitCode).toBe(exitCode);
      return ran.stderr;
    },
    /** Adds a closed capsule that has nothing to film: its job dies at once. */
    addCapsule: async (status = "closed"): Promise<string> => {
      const id = randomUUID();
      await sql`insert into public.capsules (id, status) values (${id}::uuid, ${status})`;
      return id;
    },
  };
});

describe("an operator, who writes no SQL", () => {
  test("an operator pauses the queue, reads its status and resumes it", async ({ operator: { run } }) => {
    expect((await run("pause", "--reason", "storage is being moved")).stdout).toContain(
      "The queue is paused",
    );
    const status = await run("status");
    expect(status.stdout).toMatch(/paused {3}for \d+ s by maria: storage is being moved/);
    expect(lastJson(await run("pause", "--json"))).toMatchObject({
      wasPaused: true,
      reason: "storage is being moved",
    });
    expect((await run("resume")).stdout).toContain("Workers claim jobs again");
    expect(lastJson(await run("resume", "--json"))).toEqual({ wasPaused: false, pausedAt: null });
  });

  test("an operator finds dead letters, reads their reasons, retries those that were corrected, and discards the rest", async ({
    operator: { run, refused, addCapsule, settings },
    folder,
    sql,
  }) => {
    const empty = await addCapsule();
    const whole = await addCapsule();
    await run("enqueue", empty);
    const broken = JSON.stringify({ capsule_id: "none", job_type: "generate_video" });
    for (const _ of [1, 2, 3])
      await sql`select pgmq.send('video_jobs_queue'::text, (${broken}::text)::jsonb)`;
    await run("work", "--until-empty");

    const list = await run("failed", "list", "--code", "payload-invalid");
    expect(list.stdout.match(/payload-invalid, 1 attempt/g)).toHaveLength(3);
    expect(lastJson(await run("failed", "list", "--reason", "crashes", "--json"))).toEqual([]);
    const shown = await run("failed", "show", "2");
    expect(shown.stdout).toMatch(
      /rejected: the job can never succeed[\s\S]*"capsule_id": "none"[\s\S]*1\. 20\d\d-/,
    );
    await refused(4, "dead-letter-not-found", "failed", "show", "99");
    await refused(1, "payload-invalid", "failed", "retry", "2");
    await refused(2, "usage", "failed", "retry", "--all", "--capsule", whole);
    await refused(2, "usage", "failed", "retry");

    expect((await run("failed", "retry", "2", "--capsule", whole)).stdout).toContain("waits again as job");
    const file = path.join(folder, "payload.json");
    await writeFile(file, JSON.stringify({ capsule_id: whole, job_type: "generate_video" }));
    expect(lastJson(await run("failed", "retry", "3", "--payload", file, "--json"))).toMatchObject({
      retried: 1,
    });
    expect(
      await retryFromPipe(settings, "4", JSON.stringify({ capsule_id: whole, job_type: "generate_video" })),
    ).toBe(0);
    expect((await run("failed", "retry", "--code", "nothing-to-film")).stdout).toContain("1 job sent again");
    expect(lastJson(await run("status", "--json"))).toMatchObject({ visibleCount: 4, deadLetterCount: 0 });

    await run("work", "--until-empty");
    expect(await refused(2, "not-confirmed", "failed", "discard", "--all")).toContain("--confirm 4");
    await refused(2, "not-confirmed", "failed", "discard", "--all", "--confirm", "5");
    await run("failed", "discard", "5");
    expect(lastJson(await run("failed", "discard", "--all", "--confirm", "3", "--json"))).toEqual({
      discarded: 3,
    });
    expect((await run("failed")).stdout).toContain("No job has failed for good.");
    const history = await run("films", whole);
    expect(history.stdout).toMatch(
      /film {5}cancelled[\s\S]*retry by maria[\s\S]*rejected after[\s\S]*discard by maria/,
    );
    const cancelled = (await run("films", "--state", "cancelled", "--limit", "1")).stdout.trim().split("\n");
    expect(cancelled).toHaveLength(3);
    expect(cancelled[2]).toMatch(/^There are more: `--after [\da-f-]{36}` continues the list\.$/);
    const log = await run("log", "--limit", "2");
    expect(log.stdout.trim().split("\n")).toHaveLength(2);
    expect(log.stdout).toMatch(/^20\d\d-\d\d-\d\d [\d:]{8} {2}discard /);
    expect(lastJson(await run("log", "--limit", "1", "--json"))).toMatchObject([
      { action: "discard", doneBy: "maria" },
    ]);
    await refused(2, "usage", "log", "--limit", "none");
    await refused(4, "capsule-not-found", "films", randomUUID());
    await refused(2, "usage", "films", "--state", "lost");
  });

  test("films reports where the capsule of a dead letter does not exist", async ({
    operator: { run },
    sql,
  }) => {
    const nobody = randomUUID();
    const payload = JSON.stringify({ capsule_id: nobody, job_type: "generate_video" });
    await sql`select pgmq.send('video_jobs_queue'::text, (${payload}::text)::jsonb)`;
    await run("work", "--until-empty");
    expect((await run("films")).stdout).toMatch(new RegExp(`${nobody} +dead; no capsule `));
    expect(lastJson(await run("films", "--limit", "1", "--json"))).toMatchObject([
      { capsuleId: nobody, state: "dead", capsuleExists: false },
    ]);
    const letters = lastJson(await run("failed", "--json")) as { msgId: string }[];
    await run("failed", "discard", String(letters.at(-1)?.msgId));
  });

  test("an operator enqueues forgotten capsules, cancels one, and purges the waiting jobs", async ({
    operator: { run, refused, addCapsule },
    sql,
  }) => {
    const forgotten = await addCapsule();
    await refused(4, "capsule-not-closed", "enqueue", await addCapsule("active"));
    expect((await run("requeue", "--dry-run")).stdout).toContain(forgotten);
    expect((await run("requeue", forgotten)).stdout).toContain("1 capsule enqueued");
    expect(await refused(4, "capsule-not-stuck", "requeue", forgotten)).toContain("already has a job");
    expect(lastJson(await run("requeue", "--json"))).toEqual([]);

    expect((await run("cancel", forgotten)).stdout).toContain("1 waiting job");
    expect((await run("cancel", forgotten)).stdout).toContain("nothing to cancel");
    await refused(4, "capsule-not-found", "cancel", randomUUID());
    await refused(2, "usage", "cancel", "capsule-uuid");

    expect((await run("enqueue", forgotten)).stdout).toMatch(/ waits as job \d+\.\n$/);
    expect((await run("enqueue", forgotten)).stdout).toMatch(/ is already waiting as job \d+\.\n$/);
    await run("enqueue", await addCapsule());
    expect(await refused(2, "not-confirmed", "purge")).toContain("--confirm 2");
    await refused(2, "not-confirmed", "purge", "--confirm", "3");
    expect(lastJson(await run("purge", "--confirm", "2", "--json"))).toEqual({ archived: 2, stopping: 0 });
    expect((await run("status")).stdout).toContain("empty: nothing waits");
    expect(await sql`select count(*)::int as kept from pgmq.q_video_jobs_queue`).toEqual([{ kept: 0 }]);
  });

  test("an operator lists each film and each worker, and stops a running film", async ({
    operator: { run, addCapsule },
    sql,
  }) => {
    const capsuleId = await addCapsule();
    await run("enqueue", capsuleId);
    await sql`select keepsake.register_worker('render-host:7', 2, '0.1.0', 'The disk is full.')`;
    const [job] = await sql`select msg_id, read_ct from keepsake.claim('render-host:7')`;
    const fence = [job?.["msg_id"] as string, job?.["read_ct"] as number] as const;
    await sql`select keepsake.acquire(${fence[0]}::bigint, ${fence[1]}::integer, ${capsuleId}::uuid)`;
    await sql`select keepsake.heartbeat(${fence[0]}::bigint, ${fence[1]}::integer, 120, 'painting', 312, 936, 'frames')`;
    const status = (await run("status")).stdout;
    expect(status).toContain("1 being made");
    expect(status).toMatch(new RegExp(`${capsuleId} +1 +painting 312/936 frames +\\d+ s +render-host:7`));
    expect(status).toContain("render-host:7 claims no jobs: The disk is full.");
    expect((await run("cancel", capsuleId)).stdout).toContain("stops at the worker's next heartbeat");
    expect((await run("status")).stdout).toContain("stopping; painting");
    expect(lastJson(await run("purge", "--running", "--confirm", "1", "--json"))).toEqual({
      archived: 0,
      stopping: 1,
    });
  });
});

/** `keepsake failed retry <letter> --payload -` with this on standard input. */
async function retryFromPipe(
  settings: Readonly<Record<string, string>>,
  letter: string,
  payload: string,
): Promise<number | null> {
  const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
  const child = spawn(process.execPath, [cli, "failed", "retry", letter, "--payload", "-"], {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...settings },
    stdio: ["pipe", "ignore", "inherit"],
  });
  child.stdin?.end(payload);
  const [exitCode] = (await once(child, "close")) as [number | null];
  return exitCode;
}
