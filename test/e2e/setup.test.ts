import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openTestDatabase } from "../database.js";
import { openStorageServer, type StorageServer } from "../integration/storage/storage-server.js";
import { keepsake, lastJson } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

const capsuleId = "5f0c7a52-1111-4a54-9d0b-6d1f3d4c9a11";
const key = "sb_secret_0123456789abcdefghijkl";

const folder = useFolder();
let database: Awaited<ReturnType<typeof openTestDatabase>>;
let storage: StorageServer;
let sql: postgres.Sql;
let settings: Record<string, string>;

beforeAll(async () => {
  database = await openTestDatabase();
  storage = await openStorageServer({
    key,
    buckets: {
      videos: { public: true, file_size_limit: null, allowed_mime_types: ["video/mp4"] },
      tiny: { public: true, file_size_limit: 20_000 },
      pictures: { public: true, file_size_limit: null, allowed_mime_types: ["image/*"] },
      media: { public: false, file_size_limit: null },
      private: { public: false, file_size_limit: null },
    },
  });
  sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
  settings = {
    DATABASE_URL: database.url,
    SUPABASE_URL: storage.url,
    SUPABASE_SERVICE_ROLE_KEY: key,
    KEEPSAKE_MEDIA_BUCKETS: "media",
    KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
    KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
    KEEPSAKE_SIZE: "640x360",
    KEEPSAKE_QUALITY: "draft",
  };
  await sql`insert into public.capsules (id, title, status) values (${capsuleId}::uuid, 'Margaret', 'closed')`;
  await sql`select public.add_video_generation_job(${capsuleId}::uuid)`;
  const pictures = [
    "https://cdn.example.org/a.jpg",
    "https://cdn.example.org/b.jpg",
    "private/c.jpg",
    "elsewhere/d.jpg",
    `${storage.url}/storage/v1/object/sign/private/e.jpg?token=expired`,
  ];
  for (const picture of pictures) {
    await sql`
      insert into public.messages (capsule_id, contributor_name, content_text, content_image_url)
      values (${capsuleId}::uuid, 'Daniel', 'The lake, every summer.', ${picture})`;
  }
});
afterAll(async () => {
  await sql.end();
  await storage[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  expect((await readdir(folder)).filter((name) => name !== "films" && name !== "cache")).toEqual([]);
});

const attempts = async () => await sql`select outcome, error_code from keepsake.attempts`;

describe("doctor", () => {
  it("doctor prints findings first, with what to change, and their number last", async () => {
    const ran = await keepsake(["doctor"], { ...settings, KEEPSAKE_SLOT: "3" });
    const lines = ran.stdout.trim().split("\n");
    expect(ran.exitCode, ran.stdout).toBe(0);
    const warnings = lines.filter((line) => line.startsWith("warn "));
    expect(lines.slice(0, warnings.length)).toEqual(warnings);
    expect(warnings.join("\n")).toMatch(/no setting KEEPSAKE_SLOT \(did you mean KEEPSAKE_SLOTS\?\)/);
    expect(warnings.join("\n")).toMatch(
      /without a poster and a captions file: bucket videos .*image\/jpeg and text\/vtt/,
    );
    expect(warnings.join("\n")).toMatch(/2 of the 5 files .*cdn\.example\.org.*KEEPSAKE_MEDIA_HOSTS/);
    expect(warnings.join("\n")).toMatch(
      /1 of the 5 files .* the name of bucket private, .*KEEPSAKE_MEDIA_BUCKETS/,
    );
    expect(warnings.join("\n")).toMatch(/1 of the 5 files .* are in bucket private, .*without the key/);
    expect(warnings.join("\n")).not.toContain("elsewhere");
    expect(ran.stdout).toMatch(/^ok {3}publishing: .*tried and rolled back/m);
    expect(ran.stdout).toMatch(/^ok {3}enqueueing: No trigger/m);
    expect(lines.at(-1)).toBe(`Nothing to fix, ${warnings.length} warnings.`);
    expect(ran.stdout).not.toContain("KEEPSAKE_QUALITY");
    expect([...storage.objects.keys()]).toEqual([]);
    expect((await sql`select status, final_video_url from public.capsules`)[0]).toEqual({
      status: "closed",
      final_video_url: null,
    });
  });

  it("doctor prints the settings on request, and one value as JSON", async () => {
    const withSettings = await keepsake(["doctor", "--settings"], settings);
    expect(withSettings.stdout).toMatch(/^KEEPSAKE_QUALITY +draft$/m);
    expect(withSettings.stdout).toMatch(/^SUPABASE_SERVICE_ROLE_KEY +set$/m);
    const { DATABASE_URL, SUPABASE_SERVICE_ROLE_KEY, ...others } = settings;
    const credentials = path.join(folder, "credentials");
    await mkdir(credentials);
    await writeFile(path.join(credentials, "DATABASE_URL"), `${DATABASE_URL}\n`);
    await writeFile(path.join(credentials, "key"), `${SUPABASE_SERVICE_ROLE_KEY}\n`);
    const byFile = await keepsake(["doctor", "--settings"], {
      ...others,
      CREDENTIALS_DIRECTORY: credentials,
      SUPABASE_SERVICE_ROLE_KEY_FILE: "key",
    });
    expect(byFile.stdout).toMatch(/^SUPABASE_SERVICE_ROLE_KEY +set by SUPABASE_SERVICE_ROLE_KEY_FILE$/m);
    expect(byFile.stdout).toMatch(/^DATABASE_URL +set by the credential DATABASE_URL$/m);
    expect(byFile, byFile.stdout).toMatchObject({ exitCode: 0 });
    expect(byFile.stdout + byFile.stderr).not.toContain(SUPABASE_SERVICE_ROLE_KEY);
    await rm(credentials, { recursive: true });
    const asJson = await keepsake(["doctor", "--json"], settings);
    expect(lastJson(asJson)).toMatchObject({
      healthy: true,
      checks: expect.arrayContaining([
        expect.objectContaining({ name: "storage", ok: true, warning: true }),
      ]) as unknown,
    });
  });
});

describe("a setup with which no film could be published", () => {
  it.each([
    [
      "a bucket that takes no films",
      { KEEPSAKE_BUCKET: "pictures" },
      "storage-type-refused",
      "allowed MIME types",
    ],
    ["a bucket that takes nothing so large", { KEEPSAKE_BUCKET: "tiny" }, "film-too-large", "20000 bytes"],
    [
      "a storage folder that cannot be made",
      { KEEPSAKE_STORAGE_FOLDER: "/proc/nope" },
      "storage-refused",
      "KEEPSAKE_STORAGE_FOLDER",
    ],
  ])("%s stops the start, and doctor reports it", async (_what, changed, code, words) => {
    const changedSettings = { ...settings, ...changed } as Record<string, string>;
    const doctor = await keepsake(["doctor"], changedSettings);
    expect(doctor.exitCode).toBe(3);
    expect(doctor.stdout).toMatch(/^BAD {2}storage: /);
    expect(doctor.stdout).toContain(words);
    expect(doctor.stdout.trim().split("\n").at(-1)).toMatch(/^1 fault to fix(, \d+ warnings?)?\.$/);
    const worked = await keepsake(["work", "--until-empty"], changedSettings);
    expect(worked.exitCode, worked.stderr).toBe(3);
    expect(worked.stderr).toContain(`[${code}]`);
    expect(await attempts()).toEqual([]);
  });

  it("a table of the app that rejects the address of a film stops the start, and doctor reports it", async () => {
    await sql`alter table public.capsules alter column final_video_url type varchar(80)`;
    try {
      const doctor = await keepsake(["doctor"], settings);
      expect(doctor.exitCode).toBe(3);
      expect(doctor.stdout).toMatch(/^BAD {2}publishing: .*character varying\(80\)/);
      const worked = await keepsake(["work", "--until-empty"], settings);
      expect(worked.exitCode, worked.stderr).toBe(3);
      expect(worked.stderr).toContain("[capsule-table-refuses]");
      expect(await attempts()).toEqual([]);
    } finally {
      await sql`alter table public.capsules alter column final_video_url type text`;
    }
  });
});

it("publishes a film whose poster and captions Storage rejects, and records that they are missing", async () => {
  const worked = await keepsake(["work", "--until-empty", "--json"], { ...settings, KEEPSAKE_SLOT: "3" });
  expect(worked, worked.stderr).toMatchObject({ exitCode: 0 });
  expect(lastJson(worked)).toMatchObject({ outcomes: { published: 1 } });
  expect(worked.stderr).toContain("did you mean KEEPSAKE_SLOTS?");
  expect(worked.stderr).toContain("without a poster and a captions file");
  expect(worked.stderr).toContain("cdn.example.org");
  expect([...storage.objects.keys()]).toEqual([`videos/${capsuleId}.mp4`]);
  const [film] = await sql`select state, poster_url, warnings from keepsake.films`;
  expect(film).toMatchObject({ state: "published", poster_url: null });
  const warnings = film?.["warnings"] as { code: string; field: string; reason: string }[] | undefined;
  const codes = warnings?.slice(-2) ?? [];
  expect(codes).toEqual([
    expect.objectContaining({ code: "poster-refused", field: "poster" }),
    expect.objectContaining({ code: "captions-refused", field: "captions" }),
  ]);
  expect(codes[0]?.reason).toContain("mime type");
  const history = await keepsake(["films", capsuleId], settings);
  expect(history.stdout).toContain("poster-refused");
});
