import { copyFile, mkdir, mkdtemp } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import path from "node:path";

import postgres from "postgres";
import sharp from "sharp";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { openTestDatabase } from "../database.js";
import { keepsake, lastJson, type Ran } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

const folder = useFolder();
let database: Awaited<ReturnType<typeof openTestDatabase>>;
let sql: postgres.Sql;
let settings: Record<string, string>;

beforeAll(async () => {
  for (const [bucket, background] of [
    ["media", "#8a9a5b"],
    ["uploads", "#5b3a29"],
  ] as const) {
    await mkdir(path.join(folder, "storage", bucket), { recursive: true });
    await sharp({ create: { width: 1200, height: 900, channels: 3, background } })
      .jpeg()
      .toFile(path.join(folder, "storage", bucket, "photo.jpg"));
  }
});
beforeEach(async () => {
  database = await openTestDatabase();
  sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
  settings = {
    DATABASE_URL: database.url,
    KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
    KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
    KEEPSAKE_MEDIA_BUCKETS: "media",
    KEEPSAKE_SIZE: "640x360",
    KEEPSAKE_QUALITY: "draft",
    KEEPSAKE_OPERATOR: "maria",
    KEEPSAKE_LOG: "warn",
  };
});
afterEach(async () => {
  await sql.end();
  await database[Symbol.asyncDispose]();
});

async function run(...args: string[]): Promise<Ran> {
  const ran = await keepsake(args, settings);
  expect(ran, ran.stderr).toMatchObject({ exitCode: 0 });
  return ran;
}

/** A closed capsule with a message for each of these pictures. */
async function addCapsule(...images: readonly (string | null)[]): Promise<string> {
  const id = randomUUID();
  await sql`insert into public.capsules (id, title, status) values (${id}::uuid, 'Margaret Hollis', 'closed')`;
  for (const image of images) {
    await sql`
      insert into public.messages (capsule_id, contributor_name, content_text, content_image_url)
      values (${id}::uuid, 'Daniel', 'The lake, every summer.', ${image})`;
  }
  return id;
}

async function attemptsOf(capsuleId: string) {
  return await sql<{ outcome: string; code: string | null; message: string | null }[]>`
    select outcome, error_code as code, error_message as message from keepsake.attempts
    where capsule_id = ${capsuleId}::uuid order by id`;
}

describe("a film that was published with something missing", () => {
  it("counts an incomplete film in the status, lists it, and makes it again once the setting is right", async () => {
    const capsuleId = await addCapsule("media/photo.jpg", "uploads/photo.jpg");
    const whole = await addCapsule("media/photo.jpg");
    await run("enqueue", capsuleId);
    await run("enqueue", whole);
    const work = await run("work", "--until-empty");
    const said = work.stderr
      .split("\n")
      .filter((line) => line.includes("media-address-refused"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(said).toEqual([
      expect.objectContaining({
        level: "warn",
        capsuleId,
        msgId: "1",
        attempt: 1,
        worker: expect.stringMatching(/:\d+$/) as string,
        field: "content_image_url",
      }),
    ]);

    expect((await run("status")).stdout).toContain(
      "films published with something missing within a day: 1 (media-address-refused 1)",
    );
    expect(lastJson(await run("status", "--json"))).toMatchObject({
      incomplete: { count: 1, codes: [{ code: "media-address-refused", count: 1 }] },
    });
    for (const args of [["--warnings"], ["--warnings", "media-address-refused"]]) {
      const listed = (await run("films", ...args)).stdout;
      expect(listed).toContain(capsuleId);
      expect(listed).toContain("media-address-refused 1");
      expect(listed).not.toContain(whole);
    }
    const [before] = lastJson(await run("films", "--warnings", "--json")) as { fingerprint: string }[];

    settings["KEEPSAKE_MEDIA_BUCKETS"] = "media,uploads";
    expect((await run("requeue", "--warnings", "media-address-refused", "--dry-run")).stdout).toContain(
      `${capsuleId}\n1 film with media-address-refused would be made again.`,
    );
    for (const confirmed of [[], ["--confirm", "2"]]) {
      const ran = await keepsake(["requeue", "--warnings", "media-address-refused", ...confirmed], settings);
      expect(ran.exitCode).toBe(2);
      expect(ran.stderr).toContain("[not-confirmed]");
    }
    expect(lastJson(await run("status", "--json"))).toMatchObject({ pendingCount: 0 });
    const requeued = await run("requeue", "--warnings", "media-address-refused", "--confirm", "1");
    expect(requeued.stdout).toContain(`${capsuleId}  waits as job 3\n1 capsule enqueued.`);
    await run("work", "--until-empty");

    const [after] = lastJson(await run("films", "--limit", "1", "--json")) as Record<string, unknown>[];
    expect(after).toMatchObject({ capsuleId, state: "published", warnings: [] });
    expect(after?.["fingerprint"]).not.toBe(before?.fingerprint);
    expect((await attemptsOf(capsuleId)).map(({ outcome }) => outcome)).toEqual(["published", "published"]);
    expect((await run("status")).stdout).not.toContain("missing");
    expect((await run("films", "--warnings")).stdout).toBe("There is no film.\n");
  });

  it("lists incomplete films beyond the first page", async () => {
    for (const _ of [1, 2, 3]) await run("enqueue", await addCapsule("media/photo.jpg", "media/gone.jpg"));
    await run("work", "--until-empty");
    const all = lastJson(await run("films", "--warnings", "--json")) as { capsuleId: string }[];
    const first = (await run("films", "--warnings", "media-not-found", "--limit", "2")).stdout;
    const [, after = ""] = /There are more: `--after (\S+)` continues the list\./.exec(first) ?? [];
    expect(after).toBe(all[1]?.capsuleId);
    const second = (await run("films", "--warnings", "media-not-found", "--limit", "2", "--after", after))
      .stdout;
    expect(second).toContain(all[2]?.capsuleId);
    expect(second).not.toContain(after);
    expect(second).not.toContain("There are more");
    const nowhere = await keepsake(["films", "--after", randomUUID()], settings);
    expect(nowhere).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining("[capsule-not-found]") as string,
    });
  });
});

describe("a capsule with private files while no setting says which files messages may name", () => {
  it("keeps the job of a capsule with private files waiting without counting an attempt, names the line to set, and films it once that is set", async () => {
    delete settings["KEEPSAKE_MEDIA_BUCKETS"];
    const capsuleId = await addCapsule("media/photo.jpg", "uploads/photo.jpg", "uploads/gone.jpg", "n/a");
    await run("enqueue", capsuleId);
    const line = "KEEPSAKE_MEDIA_BUCKETS=media,uploads";
    const doctor = await run("doctor");
    expect(doctor.stdout).toMatch(/^warn media of messages: 2 of the 4 files .* private bucket uploads, /m);
    expect(doctor.stdout).toMatch(new RegExp(`^warn media of messages: .* ${line} `, "m"));
    for (const _ of [1, 2]) {
      await run("work", "--until-empty");
      await sql`update pgmq.q_video_jobs_queue set vt = clock_timestamp()`;
    }
    const held = await attemptsOf(capsuleId);
    expect(held).toMatchObject([
      { outcome: "setup", code: "media-setup" },
      { outcome: "setup", code: "media-setup" },
    ]);
    expect(held[0]?.message).toContain(line);
    expect(lastJson(await run("status", "--json"))).toMatchObject({
      deadLetterCount: 0,
      setupHolds: [{ code: "media-setup", count: 1 }],
    });

    settings["KEEPSAKE_MEDIA_BUCKETS"] = line.replace(/.*=/, "");
    await run("work", "--until-empty");
    expect(lastJson(await run("films", "--json"))).toMatchObject([
      { state: "published", warnings: [{ code: "media-not-found" }, { code: "media-address-refused" }] },
    ]);
  });

  it("films a capsule at once where its id is in the path of each file, and doctor says how to require that", async () => {
    delete settings["KEEPSAKE_MEDIA_BUCKETS"];
    const capsuleId = await addCapsule();
    const place = path.join(folder, "storage/media", capsuleId);
    await mkdir(place);
    await copyFile(path.join(folder, "storage/media/photo.jpg"), path.join(place, "photo.jpg"));
    await sql`
      insert into public.messages (capsule_id, content_image_url)
      values (${capsuleId}::uuid, ${`media/${capsuleId}/photo.jpg`})`;
    await run("enqueue", capsuleId);
    expect((await run("doctor")).stdout).toMatch(
      /^ok {3}media of messages: The 1 files .*KEEPSAKE_MEDIA_BUCKETS=media\/\{capsule_id\} /m,
    );
    await run("work", "--until-empty");
    expect(lastJson(await run("films", "--json"))).toMatchObject([{ state: "published", warnings: [] }]);
  });

  it("does not render a capsule with private files either, and migrate prints the line to set", async () => {
    delete settings["KEEPSAKE_MEDIA_BUCKETS"];
    const capsuleId = await addCapsule("media/photo.jpg");
    const ran = await keepsake(["render", capsuleId, "--out", path.join(folder, "film.mp4")], settings);
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toContain("[media-setup]");
    expect((await run("migrate")).stdout).toContain("KEEPSAKE_MEDIA_BUCKETS=media ");
  });
});

describe("a capsule whose files are all rejected by a setting", () => {
  it("keeps a job waiting without counting an attempt, even in its last one, and films the capsule once the setting is right", async () => {
    const capsuleId = await addCapsule("uploads/photo.jpg", "uploads/photo.jpg", null);
    const msgId = (lastJson(await run("enqueue", capsuleId, "--json")) as { msgId: string }).msgId;
    // One failure less than the limit: what an attempt cannot fetch now, the film would be made without.
    for (const _ of [1, 2, 3, 4]) {
      await sql`select keepsake.acquire(c.msg_id, c.read_ct, ${capsuleId}::uuid) from keepsake.claim('other') as c`;
      await sql`
        select keepsake.finish(a.msg_id, a.read_ct, 'failed', 'media-unreachable')
        from keepsake.attempts as a where a.outcome is null`;
      await sql`update pgmq.q_video_jobs_queue set vt = clock_timestamp()`;
    }
    await run("work", "--until-empty");
    const held = (await attemptsOf(capsuleId)).at(-1);
    expect(held).toMatchObject({ outcome: "setup", code: "media-setup" });
    expect(held?.message).toMatch(/^All 2 files of the capsule are rejected by KEEPSAKE_MEDIA_BUCKETS/);
    expect(lastJson(await run("status", "--json"))).toMatchObject({
      deadLetterCount: 0,
      delayedCount: 1,
      setupHolds: [{ code: "media-setup", count: 1, message: held?.message }],
    });
    expect((await run("status")).stdout).toMatch(
      /^jobs that wait until you fix something[^]*^ {2}media-setup: All 2 files of the capsule/m,
    );

    expect((await run("enqueue", capsuleId)).stdout.replaceAll("\n", " ")).toMatch(
      new RegExp(
        `^Capsule ${capsuleId} is already waiting as job ${msgId}, put off until (\\S+ )?[\\d:]{8} UTC after media-setup; ` +
          "`--now` makes it visible to workers now\\. $",
      ),
    );
    expect(lastJson(await run("enqueue", capsuleId, "--json"))).toEqual({
      msgId,
      already: true,
      hurried: false,
      visibleAt: expect.stringMatching(/^20\d\d-.*Z$/) as string,
      lastCode: "media-setup",
    });
    settings["KEEPSAKE_MEDIA_BUCKETS"] = "uploads";
    expect((await run("enqueue", capsuleId, "--now")).stdout).toContain(
      `Job ${msgId} of capsule ${capsuleId} is visible to workers now`,
    );
    expect((await run("log", "--limit", "1")).stdout).toMatch(/enqueue .* by maria/);
    await run("work", "--until-empty");
    expect(lastJson(await run("films", "--json"))).toMatchObject([{ state: "published", warnings: [] }]);
    expect(lastJson(await run("status", "--json"))).toMatchObject({ setupHolds: [] });
  });

  it.each([
    ["a host that is not on the list", "https://cdn.example.org/a.jpg", "KEEPSAKE_MEDIA_HOSTS"],
    ["a bucket that is named and not there", "media/a.jpg", "KEEPSAKE_MEDIA_BUCKETS"],
  ])("keeps a job waiting whose file is rejected because of %s", async (_what, reference, setting) => {
    settings["KEEPSAKE_STORAGE_FOLDER"] = await mkdtemp(path.join(folder, "other-"));
    const capsuleId = await addCapsule(reference);
    await run("enqueue", capsuleId);
    await run("work", "--until-empty");
    const [attempt] = await attemptsOf(capsuleId);
    expect(attempt).toMatchObject({ outcome: "setup", code: "media-setup" });
    expect(attempt?.message).toContain(`rejected by ${setting}`);
  });

  it("does not wait for a setting where the row names no file", async () => {
    const capsuleId = await addCapsule("n/a");
    await run("enqueue", capsuleId);
    await run("work", "--until-empty");
    expect(await attemptsOf(capsuleId)).toMatchObject([{ outcome: "published" }]);
  });
});
