import { expect, it } from "vitest";

import { batchByPhotos } from "../../../../dist/film/scenes/batch-scenes.js";
import type { Scene } from "../../../../dist/film/model/scene.js";

function photoScene(index: number, sha256 = String(index), width = 4000, height = 3000): Scene {
  const photo = { kind: "photo", path: "/p", width, height, focus: { x: 0.5, y: 0.5 }, sha256 } as const;
  const content = { kind: "photo", photo, name: "Ana", words: null, zoomsIn: true } as const;
  return { id: String(index), messageId: String(index), firstFrame: 0, frameCount: 100, content };
}

it("limits the decoded photos of a batch to 600 MB, and keeps scenes in order", () => {
  const scenes = Array.from({ length: 325 }, (_, index) => photoScene(index));
  const batches = batchByPhotos(scenes);
  expect(batches.flat()).toEqual(scenes);
  expect(batches).toHaveLength(Math.ceil(325 / 16));
  for (const batch of batches) expect(batch.length * 36).toBeLessThanOrEqual(600);
});

it("counts a photo once per batch, and accepts a single photo of any size", () => {
  const same = Array.from({ length: 100 }, (_, index) => photoScene(index, "same"));
  expect(batchByPhotos(same)).toHaveLength(1);
  const huge = [0, 1].map((index) => photoScene(index, String(index), 20_000, 20_000));
  expect(batchByPhotos(huge).map((batch) => batch.length)).toEqual([1, 1]);
  expect(batchByPhotos([])).toEqual([]);
});
