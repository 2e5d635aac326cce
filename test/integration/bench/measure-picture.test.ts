import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect, test } from "vitest";

import { findVmafProgram, measurePicture } from "../../../dist-tools/bench/measure-picture.js";
import { encodeSegment } from "../../../dist/film/segments/encode-segment.js";
import type { PaintPlan } from "../../../dist/film/model/segments.js";
import { useFolder } from "../../use-folder.js";

const film = { width: 320, height: 180, fps: 30 };
const frameCount = 30;
const picture = { width: 360, height: 204 };
const { signal } = new AbortController();
const folder = useFolder();

/** Waves that grow finer to the right: something for every quality to lose. */
async function planOf(name: string): Promise<PaintPlan> {
  const { width, height } = picture;
  const i420 = new Uint8Array((width * height * 3) / 2).fill(128);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      i420[y * width + x] = 126 + 90 * Math.sin((x * x) / 300) * Math.cos(y / 3);
    }
  }
  const background = path.join(folder, `${name}.i420`);
  await writeFile(background, i420);
  const motion = {
    from: { centreX: 170, centreY: 100, scale: 1.05 },
    to: { centreX: 185, centreY: 104, scale: 1 },
  };
  return {
    ...film,
    firstFrame: 0,
    frameCount,
    dissolveFrames: 0,
    fadeFromBlack: null,
    fadeToBlack: null,
    scenes: [
      {
        firstFrame: 0,
        frameCount,
        layers: { background: { path: background, ...picture, motion }, clip: null, overlays: [] },
      },
    ],
  };
}

async function ssimAt(crf: number) {
  const plan = await planOf(`crf-${crf}`);
  const output = path.join(folder, `crf-${crf}.mp4`);
  await encodeSegment(plan, { encoder: { preset: "veryfast", crf }, output, folder, signal });
  return await measurePicture([{ plan, path: output }], { vmafProgram: null, folder, signal });
}

test("a better encoding measures nearer to the painted pictures", async () => {
  const [fine, poor] = [await ssimAt(10), await ssimAt(40)];
  expect(fine).toMatchObject({ metric: "ssim", frameCount });
  expect(fine.mean).toBeGreaterThan(0.98);
  expect(fine.mean).toBeLessThan(1);
  expect(poor.mean).toBeLessThan(fine.mean - 0.05);
  expect(poor.worstHundredth).toBeLessThanOrEqual(poor.mean);
  expect(await readdir(folder)).not.toContain("picture");
});

test("a missing program measures no VMAF", async () => {
  expect(await findVmafProgram(path.join(folder, "no-ffmpeg"), { folder, signal })).toBeNull();
});
