import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import postgres from "postgres";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openTestDatabase } from "../database.js";
import { keepsake } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

const capsuleId = "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a11";

const folder = useFolder();
let server: Server;
let origin: string;
beforeAll(async () => {
  const photo = await sharp({ create: { width: 800, height: 600, channels: 3, background: "#8a9a5b" } })
    .jpeg()
    .toBuffer();
  // Bytes after the end of a picture are ignored, so this large file is decoded quickly.
  const file = Buffer.concat([photo, Buffer.alloc(6_000_000)]);
  server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "image/jpeg", "content-length": file.length });
    void (async () => {
      // The source is slow: that is what is tried.
      for (let at = 0; at < file.length; at += 500_000) {
        response.write(file.subarray(at, at + 500_000));
        await pause(500);
      }
      response.end();
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
});

const film = () => ({
  KEEPSAKE_WORK_FOLDER: path.join(folder, "work"),
  KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
  KEEPSAKE_SIZE: "640x360",
  KEEPSAKE_QUALITY: "draft",
});

describe("away from a terminal", () => {
  it("render reports the progress of a slow file and of a long stage at intervals", async () => {
    const capsule = path.join(folder, "capsule.json");
    await writeFile(
      capsule,
      JSON.stringify({
        capsule: { id: capsuleId, title: "Margaret", status: "closed" },
        messages: [{ id: "1", contributor_name: "Ana", content_image_url: `${origin}/photo.jpg` }],
      }),
    );
    const ran = await keepsake(["render", capsule, "--out", path.join(folder, "film.mp4")], {
      ...film(),
      SUPABASE_URL: origin,
      SUPABASE_SERVICE_ROLE_KEY: "sb_secret_of_a_test_0123456789",
      KEEPSAKE_PROGRESS_SECONDS: "0.2",
    });
    expect(ran).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining("warning") });
    const fetching = [...ran.stderr.matchAll(/^film\.mp4  fetching +(\d+) %  ([\d.]+) of ([\d.]+) MiB/gm)];
    expect(fetching.length).toBeGreaterThan(3);
    const percents = fetching.map(([, percent]) => Number(percent));
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(percents.at(-1)).toBeGreaterThan(50);
    expect(new Set(fetching.map(([, , , total]) => total))).toEqual(new Set(["5.7"]));
    expect(ran.stderr).toMatch(/^film\.mp4  painting +\d+ %  \d+ of \d+ frames/m);
  });

  it("a worker logs its progress at info, with the capsule's id and without user content", async () => {
    await using database = await openTestDatabase();
    const sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
    try {
      const settings = {
        ...film(),
        DATABASE_URL: database.url,
        KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
        KEEPSAKE_PROGRESS_SECONDS: "0.1",
        KEEPSAKE_LOG: "info",
      };
      await mkdir(settings.KEEPSAKE_STORAGE_FOLDER, { recursive: true });
      expect((await keepsake(["migrate"], settings)).exitCode).toBe(0);
      await sql`insert into public.capsules (id, title, status) values (${capsuleId}::uuid, 'Margaret', 'closed')`;
      await sql`insert into public.messages (capsule_id, contributor_name, content_text)
        values (${capsuleId}::uuid, 'Ana', 'She taught me to bake.')`;
      expect((await keepsake(["enqueue", capsuleId], settings)).exitCode).toBe(0);
      const ran = await keepsake(["work", "--until-empty"], settings);
      expect(ran.exitCode).toBe(0);
      const lines = ran.stderr
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const told = lines.filter(({ msg }) => msg === "progress");
      expect(told.length).toBeGreaterThan(2);
      for (const line of told) {
        expect(line).toMatchObject({
          capsuleId,
          stage: expect.stringMatching(/^[a-z]+$/),
          percent: expect.any(Number),
        });
      }
      expect(told.some(({ stage, percent }) => stage === "painting" && Number(percent) > 0)).toBe(true);
      expect(ran.stderr).not.toContain("bake");
    } finally {
      await sql.end();
    }
  });
});
