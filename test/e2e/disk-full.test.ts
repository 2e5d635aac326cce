import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import postgres from "postgres";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";

import { openTestDatabase } from "../database.js";
import { useFolder } from "../use-folder.js";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
/** A disk of its own that may be small needs a user namespace, which not every machine allows. */
const canMount =
  spawnSync("unshare", ["-rm", "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"]).status === 0;

const capsuleId = "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a12";

const folder = useFolder();
beforeAll(async () => {
  await mkdir(path.join(folder, "work"));
  const messages = [];
  for (const [index, background] of ["#8a9a5b", "#5b3a29", "#29405b"].entries()) {
    const name = `${index}.jpg`;
    await sharp({ create: { width: 4000, height: 3000, channels: 3, background } })
      .jpeg()
      .toFile(path.join(folder, name));
    messages.push({ id: String(index), contributor_name: "Ana", content_image_url: name });
  }
  const capsule = { id: capsuleId, title: "Margaret", status: "closed" };
  await writeFile(path.join(folder, "capsule.json"), JSON.stringify({ capsule, messages }));
});

/** Renders with a work folder on a disk of so many megabytes. */
async function renderOn(megabytes: number): Promise<{ exitCode: number | null; stderr: string }> {
  const render = ["render", path.join(folder, "capsule.json"), "--out", path.join(folder, "film.mp4")];
  return await runOn(megabytes, render, {});
}

async function runOn(
  megabytes: number,
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<{ exitCode: number | null; stderr: string }> {
  const work = path.join(folder, "work");
  const script = 'mount -t tmpfs -o size="$1"m none "$2" && shift 2 && exec "$@"';
  const child = spawn(
    "unshare",
    ["-rm", "sh", "-c", script, "sh", String(megabytes), work, process.execPath, cli, ...args],
    {
      env: {
        ...settings,
        PATH: process.env["PATH"] ?? "",
        KEEPSAKE_WORK_FOLDER: work,
        KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
        KEEPSAKE_SIZE: "640x360",
        KEEPSAKE_QUALITY: "draft",
        KEEPSAKE_CORES: "1",
      },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, stderr };
}

const why = canMount ? "" : " (skipped: mounting a small disk needs a user namespace)";

describe.runIf(canMount)(`a disk that is full${why}`, () => {
  // Photos of 36 MB decoded, and 256 MB are kept free: too little for the first file, and for the third to be decoded. What
  // becomes of one that becomes full later is tried stage by stage elsewhere.
  it.each([1, 290])(
    "a full disk of %i MB ends the attempt as disk-full and blames no file",
    async (megabytes) => {
      const { exitCode, stderr } = await renderOn(megabytes);
      expect(stderr).toContain("[disk-full]");
      expect(stderr).toContain("KEEPSAKE_WORK_FOLDER");
      expect(stderr).not.toMatch(/warning|internal|media-/);
      expect(exitCode).toBe(3);
    },
  );

  it("a full disk costs no attempt: the job waits for its operator, and no message loses its photo", async () => {
    await using database = await openTestDatabase();
    const sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
    try {
      await sql`insert into public.capsules (id, title, status) values (${capsuleId}::uuid, 'Margaret', 'closed')`;
      await sql`
        insert into public.messages (capsule_id, contributor_name, content_image_url)
        select ${capsuleId}::uuid, 'Ana', 'media/' || n || '.jpg' from generate_series(0, 2) as n`;
      await sql`select keepsake.enqueue(${capsuleId}::uuid)`;
      const media = path.join(folder, "storage/media");
      await mkdir(media, { recursive: true });
      for (const name of ["0.jpg", "1.jpg", "2.jpg"])
        await copyFile(path.join(folder, name), path.join(media, name));
      const { exitCode, stderr } = await runOn(20, ["work", "--until-empty"], {
        DATABASE_URL: database.url,
        KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
        KEEPSAKE_MEDIA_BUCKETS: "media",
        KEEPSAKE_MIN_DISK_BYTES: "1000000",
      });
      expect(exitCode, stderr).toBe(0);
      expect(stderr).not.toContain("media-");
      const attempts = await sql`select outcome, error_code, job_state from keepsake.attempts`;
      expect(attempts).toEqual([{ outcome: "setup", error_code: "disk-full", job_state: "waiting" }]);
      expect(await sql`select from pgmq.q_video_jobs_dlq`).toHaveLength(0);
    } finally {
      await sql.end();
    }
  });
});
