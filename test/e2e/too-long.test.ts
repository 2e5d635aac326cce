import path from "node:path";

import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";

import { openTestDatabase } from "../database.js";
import { keepsake, lastJson } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

const capsuleId = "5f0c7a52-8888-4a54-9d0b-6d1f3d4c9a10";

const folder = useFolder();
let database: Awaited<ReturnType<typeof openTestDatabase>>;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await openTestDatabase();
  sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
  await database[Symbol.asyncDispose]();
});

it.each([
  [
    "film-too-long",
    45,
    /would be \d+(\.\d)? hours long; KEEPSAKE_MAX_FILM_HOURS allows 3\. Split the capsule, or set/,
  ],
  ["capsule-too-large", 500, /have 10000000 characters together; a film has at most 1000000/],
])(
  "refuses, as %s, %d messages of 20,000 characters at once, and says what to do",
  async (code, count, reason) => {
    const settings = {
      DATABASE_URL: database.url,
      KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
      KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
      KEEPSAKE_LOG: "warn",
    };
    await sql`delete from public.messages`;
    await sql`delete from public.capsules`;
    await sql`insert into public.capsules (id, title, status) values (${capsuleId}::uuid, 'Margaret', 'closed')`;
    await sql`
    insert into public.messages (capsule_id, content_text, content_image_url)
    select ${capsuleId}::uuid, repeat('word ', 4000), 'https://127.0.0.1:9/never-asked.jpg'
    from generate_series(1, ${count}::integer)`;
    await keepsake(["enqueue", capsuleId], settings);
    const worked = await keepsake(["work", "--until-empty", "--json"], settings);
    expect(worked.exitCode, worked.stdout + worked.stderr).toBe(0);
    expect(lastJson(worked)).toMatchObject({ outcomes: { rejected: 1 } });
    const letters = lastJson(await keepsake(["failed", "--json"], settings)) as readonly {
      readonly code: string;
      readonly reason: string;
      readonly attempts: readonly { readonly stage: string | null }[];
    }[];
    const letter = letters.at(-1);
    expect(letter).toMatchObject({ code, attempts: [{ stage: null }] });
    expect(letter?.reason).toMatch(reason);
  },
);
