import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { findPublishedFilm, publishFilm } from "../../../dist/queue/publish-film.js";
import { listAttempts } from "../../../dist/operator/list-attempts.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { listFilms } from "../../../dist/operator/list-films.js";
import { filmOf, never, openQueueRig, type QueueRig } from "./queue-rig.js";

let rig: QueueRig;
beforeAll(async () => {
  rig = await openQueueRig();
});
beforeEach(async () => {
  await rig.clear();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

describe("publish", () => {
  it("publish points the capsule at its film, records the film, and archives the job", async () => {
    const { capsuleId, job } = await rig.startFilm();
    const film = { ...filmOf(capsuleId), sourceState: "state" };
    expect(await findPublishedFilm(rig.database, capsuleId, never)).toBeNull();
    expect(await publishFilm(rig.database, job, film)).toBe("published");
    const [capsule] = await rig.sql`select status, final_video_url from public.capsules`;
    expect(capsule).toEqual({ status: "completed", final_video_url: film.url });
    expect(await findPublishedFilm(rig.database, capsuleId, never)).toEqual({
      fingerprint: film.fingerprint,
      url: film.url,
      sizeBytes: film.sizeBytes,
      durationSeconds: film.durationSeconds,
      sourceState: "state",
    });
    const [stored] = await listFilms(rig.database, {}, never);
    expect(stored).toMatchObject({
      state: "published",
      sizeBytes: film.sizeBytes,
      durationSeconds: film.durationSeconds,
      messageCount: 1,
      warnings: [{ message_id: "m", field: "content_image_url", code: "media-gone" }],
    });
    const [attempt] = await listAttempts(rig.database, capsuleId, never);
    expect(attempt).toMatchObject({
      outcome: "published",
      jobState: "archived",
      timings: { painting: 12.5 },
    });
    const [counts] = await rig.sql`
      select (select count(*)::int from pgmq.q_video_jobs_queue) as waiting,
        (select count(*)::int from pgmq.a_video_jobs_queue) as archived`;
    expect(counts).toEqual({ waiting: 0, archived: 1 });
  });

  it("returns the same when its reply was lost and it is called again", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await publishFilm(rig.database, job, filmOf(capsuleId));
    const before = await rig.snapshot();
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("published");
    expect(await rig.snapshot()).toEqual(before);
  });

  it("publishes once when publish is called many times at once", async () => {
    const { capsuleId, job } = await rig.startFilm();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => publishFilm(rig.database, job, filmOf(capsuleId))),
    );
    expect(answers).toEqual(answers.map(() => "published"));
    const [count] = await rig.sql`select count(*)::int as archived from pgmq.a_video_jobs_queue`;
    expect(count).toEqual({ archived: 1 });
  });

  it.each(["active", null])(
    "writes nothing when the capsule was reopened or deleted (%s)",
    async (status) => {
      const { capsuleId, job } = await rig.startFilm();
      if (status === null) await rig.sql`delete from public.capsules`;
      else await rig.sql`update public.capsules set status = ${status}`;
      const before = await rig.snapshot();
      expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("not-closed");
      expect(await rig.snapshot()).toEqual(before);
    },
  );

  it("publish writes nothing for a capsule that the job does not name", async () => {
    const { job } = await rig.startFilm();
    const other = await rig.addCapsule();
    const before = await rig.snapshot();
    expect(await acquireCapsule(rig.database, job, other)).toBe("lost");
    expect(await rig.snapshot()).toEqual(before);
    // This is so even where the attempt names the capsule.
    await rig.sql`update keepsake.attempts set capsule_id = ${other}::uuid`;
    await rig.sql`update keepsake.films set capsule_id = ${other}::uuid`;
    const changed = await rig.snapshot();
    expect(await publishFilm(rig.database, job, filmOf(other))).toBe("lost");
    expect(await rig.snapshot()).toEqual(changed);
  });

  it("publishes no film without a content digest", async () => {
    const { capsuleId, job } = await rig.startFilm();
    const before = await rig.snapshot();
    const film = { ...filmOf(capsuleId), contentDigest: null };
    expect(await publishFilm(rig.database, job, film)).toBe("changed");
    expect(await rig.snapshot()).toEqual(before);
  });

  it("publishes no URL but that of the capsule's own film", async () => {
    const { capsuleId, job } = await rig.startFilm();
    const film = filmOf(capsuleId);
    const other = "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10";
    const before = await rig.snapshot();
    for (const url of [
      `https://films.example/videos/${other}.mp4?v=1`,
      `https://films.example/videos/${other}.mp4?v=/videos/${capsuleId}.mp4`,
      `https://films.example/videos/${other}.mp4#/videos/${capsuleId}.mp4`,
      `https://films.example/${capsuleId}.mp4`,
      `https://films.example/videos/x${capsuleId}.mp4`,
      `https://films.example/videos/${capsuleId}.mp4.html`,
      `https://films.example/videos/${capsuleId}.mp4?v=1&next=https://elsewhere.example`,
      `javascript:alert(1)//a/videos/${capsuleId}.mp4`,
      `file:///films/videos/${other}.mp4`,
      `https://films.example/"><script>alert(1)</script>/videos/${capsuleId}.mp4`,
      `https://films.example/videos/${other}.mp4\nhttps://films.example/videos/${capsuleId}.mp4`,
      `https://films.example\\@elsewhere.example/videos/${capsuleId}.mp4`,
      "",
    ]) {
      await expect(publishFilm(rig.database, job, { ...film, url })).rejects.toThrow(/address of the film/);
    }
    expect(await rig.snapshot()).toEqual(before);
    expect(
      await publishFilm(rig.database, job, { ...film, url: `file:///films/videos/${capsuleId}.mp4?v=1` }),
    ).toBe("published");
  });

  it("lets a trigger of the app find its own tables", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await rig.sql.unsafe(`
      create table public.notices (capsule_id uuid);
      create function public.notice() returns trigger language plpgsql as
      $$ begin insert into notices (capsule_id) values (new.id); return null; end $$;
      create trigger notice after update of status on public.capsules for each row execute function public.notice();`);
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("published");
    expect(await rig.sql`select capsule_id from public.notices`).toEqual([{ capsule_id: capsuleId }]);
    await rig.sql.unsafe("drop table public.notices; drop function public.notice() cascade");
  });

  it("finds no published film when the capsule points elsewhere", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await publishFilm(rig.database, job, filmOf(capsuleId));
    await rig.sql`update public.capsules set final_video_url = 'https://elsewhere.example/film.mp4'`;
    expect(await findPublishedFilm(rig.database, capsuleId, never)).toBeNull();
  });
});
