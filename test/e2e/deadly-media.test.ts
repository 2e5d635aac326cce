import { createHash, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import postgres from "postgres";
import sharp from "sharp";
import { expect, it } from "vitest";

import { openTestDatabase } from "../database.js";
import { findProcesses } from "../chaos/find-processes.js";
import { keepsake } from "./keepsake.js";

it.runIf(process.platform === "linux")(
  "a photo whose decoder dies is left out of its film, and changes nothing of the other messages",
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "keepsake-deadly-"));
    await using database = await openTestDatabase();
    const sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
    try {
      const films = path.join(folder, "films");
      const storage = path.join(folder, "storage");
      await mkdir(path.join(storage, "media"), { recursive: true });
      // Large, so that its decoder is at it for a while.
      const deadly = await writePhoto(storage, "deadly.jpg", 12_000);
      await writePhoto(storage, "lake.jpg", 1_200);
      const capsules = await Promise.all(
        ["lake.jpg", "deadly.jpg", "lake.jpg"].map(async (photo, index) => {
          const id = randomUUID();
          await sql`insert into public.capsules (id, title, status) values (${id}::uuid, 'Margaret Hollis', 'closed')`;
          await sql`
            insert into public.messages (capsule_id, contributor_name, content_text, content_image_url)
            values (${id}::uuid, 'Daniel', ${`The lake, in summer ${index}.`}, ${`media/${photo}`})`;
          return id;
        }),
      );
      const settings = {
        DATABASE_URL: database.url,
        KEEPSAKE_STORAGE_FOLDER: storage,
        KEEPSAKE_MEDIA_BUCKETS: "media",
        KEEPSAKE_WORK_FOLDER: films,
        KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
        KEEPSAKE_SIZE: "640x360",
        KEEPSAKE_QUALITY: "draft",
        KEEPSAKE_LOG: "warn",
      };
      for (const id of capsules)
        expect(await keepsake(["enqueue", id], settings)).toMatchObject({ exitCode: 0 });
      const done = new AbortController();
      const killing = killReadersOf(films, `${deadly}.original`, done.signal);
      const worked = await keepsake(["work", "--until-empty"], settings);
      done.abort();
      expect(worked, worked.stderr).toMatchObject({ exitCode: 0 });
      expect(await killing).toBeGreaterThan(0);

      const attempts = await sql<{ capsule: string; outcome: string; codes: string[] }[]>`
        select a.capsule_id as capsule, a.outcome,
          array(select w ->> 'code' from jsonb_array_elements(a.warnings) as w) as codes
        from keepsake.attempts as a order by a.msg_id, a.read_ct`;
      expect(attempts.map(({ capsule, outcome, codes }) => [capsule, outcome, codes])).toEqual(
        capsules.map((id, index) => [id, "published", index === 1 ? ["media-preparation-crashed"] : []]),
      );
      expect(await readdir(films)).toEqual([]);
    } finally {
      await sql.end();
      await rm(folder, { recursive: true });
    }
  },
);

/** @returns its sha256, which is the name of its copy while a film is made */
async function writePhoto(storage: string, name: string, side: number): Promise<string> {
  const create = { width: side, height: (side * 3) / 4, channels: 3, background: "#8a9a5b" } as const;
  const file = path.join(storage, "media", name);
  await writeFile(file, await sharp({ create }).jpeg().toBuffer());
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}

/** Sends SIGSEGV to every process that reads this file, as the kernel does after a bad access. @returns their number */
async function killReadersOf(folder: string, name: string, signal: AbortSignal): Promise<number> {
  const killed = new Set<number>();
  while (!signal.aborted) {
    for (const { pid } of await findProcesses(folder)) {
      if (killed.has(pid) || !(await hasMapped(pid, name))) continue;
      process.kill(pid, "SIGSEGV");
      killed.add(pid);
    }
    await sleep(5);
  }
  return killed.size;
}

/** Decoders map what they read. */
async function hasMapped(pid: number, name: string): Promise<boolean> {
  const maps = await readFile(`/proc/${pid}/maps`, "utf8").catch(() => "");
  return maps.includes(`/${name}`);
}
