import { mkdir } from "node:fs/promises";
import path from "node:path";

import postgres from "postgres";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openTestDatabase } from "../database.js";
import { keepsake } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

const folder = useFolder();
let database: Awaited<ReturnType<typeof openTestDatabase>>;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** The messages about the worker itself. */
const ofWorker = /^(working|claiming|stopped|Processes that decode|messages may name)/;

describe("the log of a worker with two slots, at debug", () => {
  it("names the film in each line, and reports claims, stages and uploads", async () => {
    await mkdir(path.join(folder, "storage/media"), { recursive: true });
    await sharp({ create: { width: 800, height: 600, channels: 3, background: "#8a9a5b" } })
      .jpeg()
      .toFile(path.join(folder, "storage/media/photo.jpg"));
    const sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
    const capsules = await sql<{ id: string }[]>`
      insert into public.capsules (title, status)
      values ('Margaret Hollis', 'closed'), ('Daniel Reyes', 'closed') returning id`;
    for (const { id } of capsules) {
      await sql`
        insert into public.messages (capsule_id, content_text, content_image_url)
        values (${id}::uuid, 'The lake.', 'media/photo.jpg'), (${id}::uuid, 'The sea.', 'media/gone.jpg')`;
      await sql`select keepsake.enqueue(${id}::uuid)`;
    }
    await sql.end();
    const ran = await keepsake(["work", "--until-empty"], {
      DATABASE_URL: database.url,
      KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
      KEEPSAKE_MEDIA_BUCKETS: "media",
      KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
      KEEPSAKE_WORKER_NAME: "render-host:7",
      KEEPSAKE_SIZE: "640x360",
      KEEPSAKE_QUALITY: "draft",
      KEEPSAKE_SLOTS: "2",
      KEEPSAKE_LOG: "debug",
    });
    expect(ran, ran.stderr).toMatchObject({ exitCode: 0 });
    const lines = ran.stderr
      .trim()
      .split("\n")
      .map((line) => {
        // A key that is written twice would be read as its last value.
        const names = [...line.matchAll(/[{,]"(\w+)":/g)].map(([, name]) => name);
        expect(names, line).toEqual([...new Set(names)]);
        return JSON.parse(line) as Record<string, unknown>;
      });
    expect(lines.map((line) => line["worker"])).toEqual(lines.map(() => "render-host:7"));
    expect(new Set(lines.map(({ level }) => level))).toEqual(new Set(["debug", "info", "warn"]));

    for (const { id } of capsules) {
      const about = lines.filter(({ capsuleId }) => capsuleId === id);
      const msgId = about[0]?.["msgId"];
      expect(msgId).toMatch(/^[12]$/);
      for (const line of about) expect(line).toMatchObject({ msgId, readCount: 1, attempt: 1 });
      expect(lines).toContainEqual(expect.objectContaining({ msg: "job claimed", msgId }));
      expect(about).toContainEqual(
        expect.objectContaining({ level: "warn", code: "media-not-found", field: "content_image_url" }),
      );
      const ended = about.filter(({ msg }) => msg === "stage ended");
      expect(ended.map(({ stage }) => stage)).toEqual(
        expect.arrayContaining([
          "fetching",
          "preparing",
          "painting",
          "mixing",
          "joining",
          "inspecting",
          "uploading",
        ]),
      );
      for (const { seconds } of ended) expect(seconds).toEqual(expect.any(Number));
      expect(about.filter(({ msg }) => msg === "uploaded").map(({ object }) => object)).toEqual([
        `${id}.jpg`,
        `${id}.vtt`,
        `${id}.mp4`,
      ]);
    }
    const others = lines.filter(
      ({ capsuleId, msg }) => capsuleId === undefined && !ofWorker.test(String(msg)),
    );
    expect(others).toEqual([]);
  });
});
