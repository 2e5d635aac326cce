import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { ClaimedJob } from "../../../dist/queue/claim-job.js";
import { openDatabase } from "../../../dist/database/open-database.js";
import { losses } from "./call-watch.js";
import { openDatabaseProxy } from "./database-proxy.js";
import { filmOf, openQueueRig, payloadFor, type QueueRig } from "./queue-rig.js";

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

interface Scene {
  readonly capsuleId: string;
  readonly job: ClaimedJob;
  readonly claimId: string;
}

interface Call {
  readonly name: string;
  /** Default: a capsule that one attempt renders. */
  readonly prepare?: () => Promise<Scene>;
  readonly values: (scene: Scene) => Readonly<Record<string, unknown>>;
  /** The reply to the second call, also where the first one was executed. */
  readonly again: unknown;
  /** Default: the same. */
  readonly againWhenDone?: unknown;
  readonly reads?: true;
}

const fenceOf = ({ job }: Scene) => ({ msg_id: job.msgId, read_ct: job.readCount });

async function filming(): Promise<Scene> {
  return { ...(await rig.startFilm()), claimId: randomUUID() };
}

async function waitingJob(): Promise<Scene> {
  const scene = await filming();
  const capsuleId = await rig.addCapsule();
  await rig.send(payloadFor(capsuleId));
  return { ...scene, capsuleId };
}

async function claimedJob(): Promise<Scene> {
  const capsuleId = await rig.addCapsule();
  await rig.send(payloadFor(capsuleId));
  return { capsuleId, job: await rig.claim(), claimId: randomUUID() };
}

async function deadLetter(): Promise<Scene> {
  const scene = await filming();
  await rig.database.control.call("finish", { ...fenceOf(scene), outcome: "rejected" });
  return scene;
}

const calls: readonly Call[] = [
  {
    name: "claim",
    prepare: waitingJob,
    values: ({ claimId }) => ({ worker: "worker-b", lease_seconds: 120, claim_id: claimId }),
    again: [expect.objectContaining({ msg_id: 2, read_ct: 1, attempt_number: 1 })],
  },
  {
    name: "acquire",
    prepare: claimedJob,
    values: (scene) => ({ ...fenceOf(scene), capsule_id: scene.capsuleId }),
    again: "acquired",
  },
  {
    name: "heartbeat",
    values: (scene) => ({
      ...fenceOf(scene),
      lease_seconds: 120,
      stage: "painting",
      done: 1,
      total: 2,
      unit: "frames",
    }),
    again: "renewed",
  },
  {
    name: "publish",
    values: (scene) => {
      const film = filmOf(scene.capsuleId);
      return { ...fenceOf(scene), film: { ...film, content_digest: film.contentDigest } };
    },
    again: "published",
  },
  {
    name: "finish",
    values: (scene) => ({ ...fenceOf(scene), outcome: "failed", error_code: "media-unreachable" }),
    again: expect.objectContaining({ job_state: "waiting" }),
  },
  {
    name: "capsule_content",
    values: ({ capsuleId }) => ({ capsule_id: capsuleId, max_messages: 10 }),
    again: expect.objectContaining({ message_count: 1 }),
    reads: true,
  },
  { name: "published_film", values: ({ capsuleId }) => ({ capsule_id: capsuleId }), again: [], reads: true },
  {
    name: "enqueue",
    prepare: deadLetter,
    values: ({ capsuleId }) => ({ capsule_id: capsuleId }),
    again: 2,
  },
  {
    name: "cancel",
    values: ({ capsuleId }) => ({ capsule_id: capsuleId }),
    again: expect.objectContaining({ archived: 0, stopping: 1 }),
  },
  {
    name: "retry_dead_letter",
    prepare: deadLetter,
    values: () => ({ dead_letter_id: 1 }),
    again: 2,
    againWhenDone: null,
  },
  {
    name: "discard_dead_letter",
    prepare: deadLetter,
    values: () => ({ dead_letter_id: 1 }),
    again: true,
    againWhenDone: false,
  },
];

describe.each(calls)("$name", ({ name, prepare = filming, values, again, againWhenDone = again, reads }) => {
  it.each(losses)(
    "loses its connection %s: it is done or it is not, and may be called again",
    async (loss) => {
      const scene = await prepare();
      await using proxy = await openDatabaseProxy(rig.url);
      await using database = openDatabase(proxy.url, { connections: 1 });
      await database.control.query((sql) => sql`select 1`);
      const before = await rig.snapshot();
      const lost = proxy.lose(name, loss);
      const call = async (timeoutSeconds: number) =>
        await database.control.call(name, values(scene), { timeoutSeconds });
      await expect(call(loss.startsWith("silently") ? 3 : 30)).rejects.toMatchObject({
        code: "database-unreachable",
        fault: "world",
      });
      await lost;

      const done = !loss.includes("request");
      expect(JSON.stringify(await rig.snapshot()) !== JSON.stringify(before)).toBe(
        done && reads === undefined,
      );
      expect(await call(30)).toEqual(done ? againWhenDone : again);
    },
  );
});
