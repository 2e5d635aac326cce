import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import postgres from "postgres";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openTestDatabase } from "../database.js";
import { dumpDatabase } from "./dump-database.js";
import { keepsake, lastJson } from "./keepsake.js";
import { createMark, findMarks, type Evidence, type Mark } from "./marks.js";
import { useFolder } from "../use-folder.js";

const capsuleId = "5f0c7a52-7777-4a54-9d0b-6d1f3d4c9a10";
const acting = /(?!\n)\p{Cc}|[\u202A-\u202E\u2066-\u2069]/u;
/** Hostile texts that imitate other output. */
const poison = [
  "'; drop table public.messages; --",
  "$(touch /tmp/x) `id` | cat & ; > y",
  "../../../etc/passwd\\..\\x",
  "[0:v]drawtext=text='%{pts}':x=1;movie=/etc/passwd,concat=n=1",
  "{\\pos(1,1)\\p1}\\N Dialogue: 0,0:00:00.00,9:59:59.99,Default,,0,0,0,,x",
  "WEBVTT\n\nSTYLE\n::cue{color:red}\n\nNOTE x\n\n00:00.000 --> 99:00.000\nfake",
  "<script>alert(1)</script><v Somebody>&amp;--&gt;",
  ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\ntitle=a\\;b#c=d",
  "\u001B[31mred\u001B]0;title\u0007\r00:00:00 ERROR fake\u009B2J",
  "\u202Egnp.exe\u2066\u2067",
  "%s%n%x {{7*7}} ${7*7} #{x} __proto__ constructor",
].join("\n");

const folder = useFolder();
let database: Awaited<ReturnType<typeof openTestDatabase>>;
let sql: postgres.Sql;
let settings: Record<string, string>;

beforeAll(async () => {
  database = await openTestDatabase();
  sql = postgres(database.url, { prepare: false, max: 2, onnotice: () => undefined });
  settings = {
    DATABASE_URL: database.url,
    KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
    KEEPSAKE_MEDIA_BUCKETS: "*",
    KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
    KEEPSAKE_SIZE: "360x360",
    KEEPSAKE_QUALITY: "draft",
    KEEPSAKE_LOG: "debug",
    KEEPSAKE_OPERATOR: poison.replaceAll("\n", " ").slice(0, 100),
  };
  await mkdir(path.join(folder, "storage/media"), { recursive: true });
});
afterAll(async () => {
  await sql.end();
  await database[Symbol.asyncDispose]();
});

/** A capsule whose every field is marked and poisoned. */
async function closeCapsule(): Promise<readonly Mark[]> {
  const marks = ["title", "theme", "name", "words", "image", "lost", "refused", "date", "transcript"].map(
    createMark,
  );
  const core = (name: string): string => marks.find((mark) => mark.name === name)?.core ?? "";
  const said = (name: string): string => `${core(name)}\n${poison}`;
  await sql`alter table public.capsules add column if not exists theme text`;
  await sql`alter table public.messages add column if not exists transcript text`;
  await sql`alter table public.messages alter column submitted_at type text using submitted_at::text`;
  await sql`
    insert into public.capsules (id, title, theme, status)
    values (${capsuleId}::uuid, ${said("title").slice(0, 500)}, ${said("theme").slice(0, 500)}, 'closed')`;
  const image = `media/${core("image")} [x]';.jpg`;
  await sharp({ create: { width: 400, height: 300, channels: 3, background: "#8a9a5b" } })
    .jpeg()
    .toFile(path.join(folder, "storage", image));
  await writeFile(path.join(folder, "storage/media", `${core("transcript")}.m4a`), core("transcript"));
  const rows = [
    {
      content_text: null,
      content_image_url: `data:image/png;base64,${core("refused").repeat(100)}`,
      submitted_at: "2026-05-02T00:00:00",
    },
    { content_text: said("words"), content_image_url: image, submitted_at: "2026-05-01T00:00:00" },
    { content_text: null, content_image_url: `media/${core("lost")}.jpg`, submitted_at: said("date") },
    {
      content_text: null,
      content_image_url: `https://${core("refused")}.example/${core("refused")}?${core("refused")}`,
      submitted_at: "infinity",
    },
  ];
  for (const row of rows) {
    await sql`
      insert into public.messages ${sql({
        ...row,
        capsule_id: capsuleId,
        contributor_name: said("name").slice(0, 500),
        content_audio_url: `media/${core("transcript")}.m4a`,
        transcript: said("transcript"),
      })}`;
  }
  return marks;
}

async function run(...args: string[]) {
  const ran = await keepsake(args, settings);
  const evidence: Evidence[] = [
    { where: `what ${args.join(" ").slice(0, 40)} printed`, bytes: ran.stdout },
    { where: `what ${args.join(" ").slice(0, 40)} logged`, bytes: ran.stderr },
  ];
  return { ...ran, evidence };
}

describe("untrusted text", () => {
  it("shows untrusted text in the film, and prints, logs, stores and runs none of it", async () => {
    const marks = await closeCapsule();
    const evidence: Evidence[] = [];
    for (const args of [
      ["enqueue", capsuleId],
      ["work", "--until-empty", "--json"],
      ["status"],
      ["films"],
      ["films", capsuleId],
      ["films", capsuleId, "--json"],
      ["log"],
    ]) {
      const ran = await run(...args);
      expect(ran.exitCode, ran.stdout + ran.stderr).toBe(0);
      expect(ran.stdout + ran.stderr).not.toMatch(acting);
      evidence.push(...ran.evidence);
    }
    const tables = await dumpDatabase(sql);
    const ownTables = tables.filter(({ where }) => !where.includes("public.capsules"));
    expect(findMarks(marks, [...evidence, ...ownTables])).toEqual([]);

    const [film] = await sql<
      { warnings: { code: string; field: string }[] }[]
    >`select warnings from keepsake.films`;
    expect(film?.warnings.map(({ code, field }) => `${field}: ${code}`).toSorted()).toEqual([
      "content_audio_url: media-kind-refused",
      "content_audio_url: media-kind-refused",
      "content_audio_url: media-kind-refused",
      "content_audio_url: media-kind-refused",
      "content_image_url: media-address-refused",
      "content_image_url: media-address-refused",
      "content_image_url: media-not-found",
      "submitted_at: field-unusable",
      "submitted_at: field-unusable",
    ]);
    const vtt = await captions();
    const cues = vtt.split("\n\n").slice(1);
    expect(vtt).toContain(marks.find(({ name }) => name === "words")?.core);
    for (const cue of cues)
      expect(cue).toMatch(/^\d+\n\d{2}:\d{2}:\d{2}\.\d{3} --> \d{2}:\d{2}:\d{2}\.\d{3}\n[^]+$/);
    expect(vtt.match(/-->/g)).toHaveLength(cues.length);
    expect(vtt.replaceAll(/<v [^<>\n]*>/g, "")).not.toMatch(/[<>](?!.*-->)(?<!-->)/);
    expect(await readdir(path.join(folder, "films"))).not.toContain("x");
  });

  it("runs none of an untrusted argument, setting, reason or payload", async () => {
    const payload = {
      job_type: "generate_video",
      capsule_id: poison,
      status: "x",
      note: poison,
      [poison]: poison,
      lineage: [{ dead_letter_id: poison, error_code: poison }],
    };
    await sql`select pgmq.send('video_jobs_queue'::text, ${sql.json(payload)}::jsonb)`;
    const letter = {
      original: payload,
      reason: poison,
      error_code: poison,
      error_message: poison,
      attempts: [],
      source: {},
    };
    await sql`select pgmq.send('video_jobs_dlq'::text, ${sql.json(letter)}::jsonb)`;
    await sql`insert into keepsake.workers (name, version, not_claiming) values (${poison}, ${poison}, ${poison})`;
    await run("work", "--until-empty");
    const tries: readonly (readonly string[])[] = [
      ["pause", "--reason", poison],
      ["status"],
      ["resume"],
      ["failed"],
      ["failed", "list", "--code", poison],
      ["failed", "list", "--json"],
      ["failed", "show", "1"],
      ["failed", "show", "2"],
      ["failed", "show", "2", "--json"],
      ["failed", "retry", "--code", `${poison}x`],
      ["failed", "discard", "--code", "' or 1=1 --"],
      ["failed", "retry", "1", "--capsule", poison],
      ["enqueue", poison],
      ["cancel", poison],
      ["films", poison],
      ["films", "--state", poison],
      ["log"],
      ["doctor"],
      [poison],
      ["render", poison, "--out", `${poison}.mp4`],
    ];
    for (const args of tries) {
      const { stdout, stderr } = await run(...args);
      const said = stdout + stderr;
      expect(said, args.join(" ")).not.toMatch(acting);
      expect(said, args.join(" ")).not.toMatch(/^(?:00:00:00 ERROR fake|NOTE x|\[CHAPTER\])/m);
      expect(said, args.join(" ")).not.toContain("database-error");
    }
    const [counts] = await sql`
      select (select count(*)::int from public.messages) as messages,
        (select count(*)::int from pgmq.q_video_jobs_dlq) as letters`;
    expect(counts).toEqual({ messages: 4, letters: 2 });
    expect(lastJson(await run("status", "--json"))).toMatchObject({ deadLetterCount: 2 });
  });
});

async function captions(): Promise<string> {
  return await readFile(path.join(folder, "storage/videos", `${capsuleId}.vtt`), "utf8");
}
