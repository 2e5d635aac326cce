import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { loadCapsule } from "../../../dist/capsule/load.js";
import { columnLimits, maxCapsuleTextCharacters, maxMessages } from "../../../dist/capsule/limits.js";
import { never, openQueueRig, type QueueRig } from "../queue/queue-rig.js";

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

describe("loadCapsule", () => {
  it("reads a capsule with its dates and its messages in order", async () => {
    const capsuleId = await rig.addCapsule();
    await rig.sql`
      update public.capsules set birth_date = '1941-03-09', death_date = '2026-01-31' where id = ${capsuleId}::uuid`;
    await rig.sql`delete from public.messages`;
    const first = "00000000-0000-4000-8000-000000000002";
    const second = "00000000-0000-4000-8000-000000000001";
    await rig.sql`
      insert into public.messages (id, capsule_id, contributor_name, content_text, content_image_url, submitted_at)
      values
        (${second}::uuid, ${capsuleId}::uuid, 'Priya', '', 'media/bulb.jpg', '2026-05-02 08:00:00.25'),
        (${first}::uuid, ${capsuleId}::uuid, 'Daniel', 'The lake.', null, '2026-05-01 23:59:59')`;
    const nothing = { audioReference: null, videoReference: null, transcript: null };
    const { content } = await loadCapsule(rig.database, capsuleId, never);
    expect(content).toEqual({
      capsule: {
        id: capsuleId,
        status: "closed",
        honoree: "Margaret Hollis",
        bornOn: "1941-03-09",
        diedOn: "2026-01-31",
        theme: null,
      },
      messages: [
        {
          ...nothing,
          id: first,
          contributorName: "Daniel",
          submittedAt: "2026-05-01T23:59:59.000000Z",
          text: "The lake.",
          imageReference: null,
        },
        {
          ...nothing,
          id: second,
          contributorName: "Priya",
          submittedAt: "2026-05-02T08:00:00.250000Z",
          text: null,
          imageReference: "media/bulb.jpg",
        },
      ],
    });
  });

  it("reads a table without the optional columns", async () => {
    const capsuleId = await rig.addCapsule("completed");
    await rig.sql`
      alter table public.capsules drop column title, drop column birth_date, drop column death_date,
        add column honoree_name text not null default 'Margaret'`;
    try {
      const { content } = await loadCapsule(rig.database, capsuleId, never);
      expect(content.capsule).toMatchObject({ honoree: "Margaret", bornOn: null, diedOn: null });
    } finally {
      await rig.sql`
        alter table public.capsules drop column honoree_name, add column title text, add column birth_date date,
          add column death_date date`;
    }
  });

  it("names the status of a capsule that is not closed", async () => {
    await rig.sql`alter table public.capsules drop constraint capsules_status_check`;
    for (const status of ["Closed", " closed ", "CLOSED", "active"]) {
      await expect(loadCapsule(rig.database, await rig.addCapsule(status), never)).rejects.toMatchObject({
        code: "capsule-not-closed",
        message: expect.stringContaining(
          `its status is '${status}'; Keepsake films capsules whose status is 'closed'`,
        ) as string,
      });
    }
  });

  it.each([
    ["capsule-not-found", async () => randomUUID()],
    ["capsule-not-closed", async () => await rig.addCapsule("active")],
    [
      "nothing-to-film",
      async () => {
        const capsuleId = await rig.addCapsule();
        await rig.sql`update public.messages set content_text = ' '`;
        return capsuleId;
      },
    ],
    [
      "capsule-too-large",
      async () => {
        const capsuleId = await rig.addCapsule();
        await rig.sql`
          insert into public.messages (capsule_id, content_text)
          select ${capsuleId}::uuid, 'x' from generate_series(1, ${maxMessages}::integer)`;
        return capsuleId;
      },
    ],
    [
      "capsule-too-large",
      async () => {
        const capsuleId = await rig.addCapsule();
        await rig.sql`update public.messages set content_text = repeat('x', 20001)`;
        return capsuleId;
      },
    ],
    [
      "capsule-too-large",
      async () => {
        const capsuleId = await rig.addCapsule();
        const messages = maxCapsuleTextCharacters / 20_000;
        await rig.sql`
          insert into public.messages (capsule_id, content_text)
          select ${capsuleId}::uuid, repeat('x', 20000) from generate_series(1, ${messages}::integer)`;
        return capsuleId;
      },
    ],
  ])("rejects: %s", async (code, arrange) => {
    await expect(loadCapsule(rig.database, await arrange(), never)).rejects.toMatchObject({
      code,
      fault: "job",
    });
  });

  it("receives the length of values that are too long, and not the values", async () => {
    const capsuleId = await rig.addCapsule();
    await rig.sql`alter table public.messages add column transcript text`;
    try {
      await rig.sql`
        update public.messages set content_image_url = 'data:image/png;base64,' || repeat('A', 5000000),
          contributor_name = repeat('n', 600), transcript = repeat('t', 200001)`;
      const rows = await rig.database.control.call<{ messages: object[] }>("capsule_content", {
        capsule_id: capsuleId,
        max_messages: maxMessages,
        limits: { columns: columnLimits },
      });
      expect(rows.messages[0]).toMatchObject({
        content_image_url: { keepsake_too_long: 5_000_022 },
        contributor_name: { keepsake_too_long: 600 },
        transcript: { keepsake_too_long: 200_001 },
      });
      const { content } = await loadCapsule(rig.database, capsuleId, never);
      expect(content.messages).toMatchObject([
        { contributorName: null, imageReference: null, transcript: null },
      ]);
      expect(content.problems?.map(({ field, code }) => [field, code])).toEqual([
        ["contributor_name", "field-unusable"],
        ["content_image_url", "media-address-refused"],
        ["transcript", "field-unusable"],
      ]);
    } finally {
      await rig.sql`alter table public.messages drop column transcript`;
    }
  });

  it("reads columns of other types than in the guide", async () => {
    const capsuleId = await rig.addCapsule();
    const big = "9007199254740993";
    await rig.sql.unsafe(`
      alter table public.messages alter column submitted_at type timestamptz,
        alter column contributor_name type json using '{"en": "Daniel"}'::json,
        alter column content_text type integer using 42,
        alter column id drop default, alter column id type numeric using ${big},
        add column transcript json default '[{"start": 0, "end": 1, "text": "a\\u0000b \\ud800 \\\\u0000"}]'`);
    try {
      await rig.sql.unsafe(`insert into public.messages (id, capsule_id, content_text, submitted_at)
        values (${big} - 1, '${capsuleId}', 7, 'infinity'), (${big} + 1, '${capsuleId}', 8, '0044-03-15 BC')`);
      const { content } = await loadCapsule(rig.database, capsuleId, never);
      expect(content.messages.map(({ id, text }) => [id, text])).toEqual([
        [big, "42"],
        ["9007199254740992", "7"],
        ["9007199254740994", "8"],
      ]);
      expect(content.messages[0]?.transcript).toContain(
        String.raw`"a\ufffdb \ufffd \\u0000"`.replaceAll("\\ufffd", "\ufffd"),
      );
      expect(content.problems?.map(({ messageId, field }) => [messageId, field])).toEqual([
        ["9007199254740994", "submitted_at"],
        [big, "contributor_name"],
        ["9007199254740992", "submitted_at"],
      ]);
    } finally {
      await rig.sql.unsafe(`drop table public.messages`);
      await rig.sql.unsafe(`create table public.messages (id uuid primary key default gen_random_uuid(),
        capsule_id uuid references public.capsules (id), content_text text, content_audio_url text,
        content_video_url text, content_image_url text, contributor_name text, submitted_at timestamp default now())`);
    }
  });
});
