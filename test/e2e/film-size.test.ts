import { stat, writeFile } from "node:fs/promises";
import path from "node:path";

import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";

import { detailedPhoto } from "../../dist-tools/bench/detailed-photo.js";
import type { Film } from "../../dist/film/model/film.js";
import { keepsake, lastJson } from "./keepsake.js";
import { probeFilm } from "./probe-film.js";
import { useFolder } from "../use-folder.js";

const photoCount = 4;
const [width, height] = [1280, 860];
const folder = useFolder();

beforeAll(async () => {
  const messages = [];
  for (let photo = 0; photo < photoCount; photo += 1) {
    const rgb = detailedPhoto(photo + 1, width, height);
    await sharp(rgb, { raw: { width, height, channels: 3 } })
      .jpeg()
      .toFile(path.join(folder, `${photo}.jpg`));
    messages.push({
      id: `m${photo}`,
      contributor_name: `Friend ${photo}`,
      submitted_at: `2026-01-0${photo + 1}T00:00:00Z`,
      content_image_url: `${photo}.jpg`,
      content_text: photo === 3 ? "She never once said that it was late. ".repeat(5) : null,
    });
  }
  const capsule = { id: "0b7f3c1e-5a76-4f2f-9c55-0f3b1c8a2d11", status: "closed", title: "Ana" };
  await writeFile(path.join(folder, "capsule.json"), JSON.stringify({ capsule, messages }));
});

async function render(name: string, settings: Readonly<Record<string, string>>): Promise<Film> {
  const out = path.join(folder, `${name}.mp4`);
  const ran = await keepsake(["render", path.join(folder, "capsule.json"), "--out", out, "--json"], {
    KEEPSAKE_SIZE: "640x360",
    KEEPSAKE_WORK_FOLDER: path.join(folder, "work"),
    KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
    ...settings,
  });
  expect(ran).toMatchObject({ exitCode: 0 });
  return lastJson(ran) as Film;
}

describe("a film", () => {
  test("a film fills its size limit and stays within it, at a lower quality", async () => {
    const free = await render("free", {});
    expect(free.encoding).toMatchObject({ bestCrf: 16, worstCrf: 16, maxBytes: null });

    const maxBytes = Math.round(free.sizeBytes / 2);
    const small = await render("small", { KEEPSAKE_MAX_FILM_BYTES: String(maxBytes) });
    const { size } = await stat(small.film);
    expect(size).toBeLessThanOrEqual(maxBytes);
    expect(size).toBeGreaterThan(0.98 * maxBytes);
    expect(small.encoding).toMatchObject({ width: 640, height: 360, maxBytes });
    expect(small.encoding.worstCrf).toBeGreaterThan(16);
    expect(small.frameCount).toBe(free.frameCount);
    expect(small.fingerprint).not.toBe(free.fingerprint);
  });

  test("a size limit changes nothing of a film that is within it anyway", async () => {
    const free = await render("free", {});
    const roomy = await render("roomy", { KEEPSAKE_MAX_FILM_BYTES: String(free.sizeBytes * 5) });
    expect(roomy.sha256).toBe(free.sha256);
  });

  test("a film has a smaller picture where a large one would look worse", async () => {
    const tiny = await render("tiny", { KEEPSAKE_SIZE: "1280x720", KEEPSAKE_MAX_FILM_BYTES: "1000000" });
    const { size } = await stat(tiny.film);
    expect(size).toBeLessThanOrEqual(1_000_000);
    expect(tiny.encoding.width).toBeLessThan(1280);
    expect((await probeFilm(tiny.film)).video).toMatchObject({
      width: tiny.encoding.width,
      height: tiny.encoding.height,
    });
  });
});
