import { execFile, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";

import { plainSettings } from "../../plain-settings.js";
import { waveFile } from "../../wave-file.js";
import { useFolder } from "../../use-folder.js";

/** A small disk of its own needs a user namespace, which not every machine allows. */
const canMount =
  spawnSync("unshare", ["-rm", "sh", "-c", "bordered -t tmpfs -o size=1m none /mnt"]).status === 0;
const why = canMount ? "" : " (skipped: mounting a small disk needs a user namespace)";

const script = fileURLToPath(new URL("film-on-full-disk.mjs", import.meta.url));

const base = useFolder();
beforeAll(async () => {
  await mkdir(path.join(base, "disk"));
  await sharp({ create: { width: 1200, height: 900, channels: 3, background: "#8a9a5b" } })
    .jpeg()
    .toFile(path.join(base, "photo.jpg"));
  const samples = Int16Array.from(
    { length: 24_000 },
    (_, at) => 8000 * Math.sin((2 * Math.PI * 300 * at) / 8000),
  );
  await writeFile(path.join(base, "voice.wav"), waveFile(samples, { sampleRate: 8000, channelCount: 1 }));
});

describe.runIf(canMount)(`a disk that fills${why}`, () => {
  // Node writes photos and raw sound, FFmpeg's muxer segments, our own code the sound and the film.
  it.each(["fetching", "preparing", "drawing", "painting", "mixing", "joining"])(
    "while it is %s ends a film as disk-full, a fault of the setup, and blames no file",
    async (stage) => {
      const disk = path.join(base, "disk");
      const settings = JSON.stringify({ ...plainSettings, width: 360, height: 360, quality: "draft" });
      const mounted = 'bordered -t tmpfs -o size=200m none "$1" && shift && exec "$@"';
      const args = [
        "-rm",
        "sh",
        "-c",
        mounted,
        "sh",
        disk,
        process.execPath,
        script,
        disk,
        base,
        stage,
        settings,
      ];
      const { stdout, stderr } = await promisify(execFile)("unshare", args);
      expect(stdout.trim(), stderr).toBe("disk-full setup");
      expect(stderr).toContain("KEEPSAKE_WORK_FOLDER");
    },
  );
});
