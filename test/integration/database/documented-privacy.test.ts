/** The statements of docs/storage.md that an app runs for private films, as they stand there. */
import { readFile } from "node:fs/promises";

import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { findPublishedFilm, publishFilm } from "../../../dist/queue/publish-film.js";
import { filmOf, must, never, openQueueRig, type QueueRig } from "../queue/queue-rig.js";

let rig: QueueRig;
let statements: string[];
beforeAll(async () => {
  rig = await openQueueRig();
  const text = await readFile("docs/storage.md", "utf8");
  statements = [...text.matchAll(/```sql\n(.*?)```/gs)].map(([, statement = ""]) => statement);
});
beforeEach(async () => {
  await rig.clear();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const find = (words: string): string => must(statements.find((statement) => statement.includes(words)));

it("a signed-in user sees the film of a capsule that they can see, and no other", async () => {
  const [mine, others] = [await rig.addCapsule(), await rig.addCapsule()];
  await rig.sql.unsafe(`
    create schema storage;
    create table storage.objects (bucket_id text, name text);
    alter table storage.objects enable row level security;
    grant usage on schema storage to authenticated;
    grant select on storage.objects to authenticated;
    alter table public.capsules enable row level security, add column name text;
    update public.capsules set name = id || '.mp4';
    grant select on public.capsules to authenticated;
    create policy mine on public.capsules to authenticated using (id = '${mine}');
    ${find("create policy")}`);
  const objects = [mine, others].flatMap((id) => [`${id}.mp4`, `${id}.jpg`, `${id}.vtt`, `${id}.txt`]);
  for (const name of [...objects, ".keepsake-probe"])
    await rig.sql`insert into storage.objects values ('videos', ${name}), ('media', ${name})`;
  const seen = await rig.sql.begin(async (sql) => {
    await sql`set local role authenticated`;
    return await sql<{ at: string }[]>`select bucket_id || '/' || name as at from storage.objects order by 1`;
  });
  expect(seen.map(({ at }) => at)).toEqual(["jpg", "mp4", "vtt"].map((kind) => `videos/${mine}.${kind}`));
  await rig.sql.unsafe(`
    drop schema storage cascade; drop policy mine on public.capsules;
    alter table public.capsules disable row level security, drop column name;
    revoke select on public.capsules from authenticated`);
});

it("recognises a film after its bucket became private and its URL changed", async () => {
  const { capsuleId, job } = await rig.startFilm();
  const url = `https://abc.supabase.co/storage/v1/object/public/videos/${capsuleId}.mp4?v=1`;
  await publishFilm(rig.database, job, { ...filmOf(capsuleId), url, posterUrl: url.replace("mp4", "jpg") });
  await rig.sql.unsafe(find("update keepsake.films"));
  const [row] = await rig.sql`
    select c.final_video_url as app, f.url as ours, f.poster_url as poster
    from public.capsules as c join keepsake.films as f on f.capsule_id = c.id`;
  const changed = url.replace("/public/", "/authenticated/");
  expect(row).toEqual({ app: changed, ours: changed, poster: changed.replace("mp4", "jpg") });
  expect(await findPublishedFilm(rig.database, capsuleId, never)).toMatchObject({ url: changed });
});
