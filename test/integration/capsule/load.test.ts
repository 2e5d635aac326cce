import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { loadCapsule } from "../../../dist/capsule/load.js";
import { maxMessages } from "../../../dist/capsule/parse-rows.js";
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
  ])("refuses: %s", async (code, arrange) => {
    await expect(loadCapsule(rig.database, await arrange(), never)).rejects.toMatchObject({
      code,
      fault: "job",
    });
  });
});
