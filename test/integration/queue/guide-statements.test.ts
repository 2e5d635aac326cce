import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";

import { afterAll, beforeAll, expect, it } from "vitest";

import { readPgmqSql } from "../../../dist/embedded/pgmq-sql.js";
import { migrate } from "../../../dist/database/migrate.js";
import { openDatabase, type PostgresDatabase } from "../../../dist/database/open-database.js";
import { openTestDatabase, type TestDatabase } from "../../database.js";
import { must, never, payloadFor } from "./queue-rig.js";

const blocks = readBlocks(await readFile(new URL("guide-statements.md", import.meta.url), "utf8"));
const tables = { "Capsules Table": "capsules", "Messages Table": "messages" } as const;
const capsuleId = randomUUID();
/** The one placeholder of the guide's statements. */
const placeholder = /'capsule-uuid'/g;

/** The role is as on Supabase: not a superuser, but the owner of PGMQ's schema and of the app's tables. */
const owner = `app_${randomBytes(4).toString("hex")}`;

let test: TestDatabase;
let asAdministrator: PostgresDatabase;
let asOwner: PostgresDatabase;
beforeAll(async () => {
  test = await openTestDatabase("template0");
  asAdministrator = openDatabase(test.url);
  const url = new URL(test.url);
  const name = url.pathname.slice(1);
  await asAdministrator.sql.unsafe(`
    create role ${owner} login createrole nosuperuser password 'x' in role pg_monitor;
    grant pg_monitor to ${owner} with admin option;
    alter database ${name} owner to ${owner};
    alter schema public owner to ${owner}`);
  url.username = owner;
  url.password = "x";
  asOwner = openDatabase(url.href);
  // PGMQ's script grants to pg_monitor, as its extension does.
  await asOwner.sql.unsafe("create schema pgmq");
  await asOwner.sql.unsafe(await readPgmqSql());
  // The tables are made of the guide's own lines.
  for (const [heading, table] of Object.entries(tables))
    await asOwner.sql.unsafe(`create table public.${table} (${must(blocks.get(heading))})`);
  expect((await migrate(asOwner, { signal: never })).notices).toEqual([]);

  await asOwner.sql`insert into public.capsules (id, status) values (${capsuleId}::uuid, 'closed')`;
  await asOwner.sql`
    insert into public.messages (id, capsule_id, content_text, submitted_at)
    values (${randomUUID()}::uuid, ${capsuleId}::uuid, 'The lake.', now()::timestamp)`;
  const payload = JSON.stringify(payloadFor(capsuleId));
  await asOwner.sql`select pgmq.send('video_jobs_queue'::text, (${payload}::text)::jsonb)`;
});
afterAll(async () => {
  await asOwner[Symbol.asyncDispose]();
  await asAdministrator.sql.unsafe(`
    reassign owned by ${owner} to postgres; drop owned by ${owner}; drop role ${owner}`);
  await asAdministrator[Symbol.asyncDispose]();
  await test[Symbol.asyncDispose]();
});

const statements = [...blocks]
  .filter(([heading]) => !(heading in tables))
  .flatMap(([heading, block]) =>
    // No text of the guide's statements holds a semicolon.
    block
      .split(";")
      .map((statement) => statement.trim())
      .filter((statement) => statement !== "")
      .map((statement) => ({ heading, statement })),
  );

/** The number of rows of each statement, in the guide's order, for one job and one closed capsule. */
const answers = [1, 1, 1, 1, 1, 1, 1, 0];

it("there are as many statements as answers", () => {
  expect(statements).toHaveLength(answers.length);
});

it.each(statements.map((one, index) => ({ ...one, rows: must(answers[index]) })))(
  "$heading: $statement",
  async ({ statement, rows }) => {
    const answer = await asOwner.sql.unsafe(`${statement.replaceAll(placeholder, `'${capsuleId}'`)};`);
    // An update answers no rows, but how many it wrote.
    expect(answer.count).toBe(rows);
  },
);

it("the statements of the guide do what the guide tells", async () => {
  const [capsule] = await asOwner.sql`select status, final_video_url as url from public.capsules`;
  expect(capsule).toEqual({
    status: "completed",
    url: "https://storage.supabase.com/videos/capsule-id.mp4",
  });
  expect(await asOwner.sql`select pgmq.size('video_jobs_queue')`).toEqual([{ size: 0n }]);
  const [attributes] = await asOwner.sql`
    select rolsuper, pg_has_role('pg_read_all_data', 'usage') as "readsAll" from pg_roles where rolname = current_user`;
  expect(attributes).toEqual({ rolsuper: false, readsAll: false });
});

function readBlocks(markdown: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, heading = "", block = ""] of markdown.matchAll(/^#+ ([^\n]+)\n+```sql\n([^]*?)```/gm))
    found.set(heading, block);
  return found;
}
