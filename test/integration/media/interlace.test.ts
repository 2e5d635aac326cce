import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import {
  AV_FRAME_FLAG_INTERLACED,
  AV_FRAME_FLAG_TOP_FIELD_FIRST,
  AV_LOG_ERROR,
  AV_PIX_FMT_YUV420P,
} from "node-av/constants";
import { Log, type Frame } from "node-av/lib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openClip } from "../../../dist/media/open-clip.js";
import { seeMedia } from "./see-media.js";
import { allocateFrame, testHeight, testWidth } from "./test-signal.js";
import { writeTestMedia } from "./write-test-media.js";

let folder = "";
beforeAll(async () => {
  Log.setLevel(AV_LOG_ERROR);
  folder = await mkdtemp(path.join(tmpdir(), "keepsake-interlace-"));
});
afterAll(() => rm(folder, { recursive: true }));

const barWidth = 60;
const pixelsAField = 3;
const [dark, bright] = [30, 220];

/** Two fields of a bar that moves to the right, woven into one picture. */
function weave(index: number, isTopFirst: boolean): Frame {
  const frame = allocateFrame(testWidth, testHeight, AV_PIX_FMT_YUV420P);
  const [luma, ...chroma] = frame.data ?? [];
  const stride = frame.linesize[0] ?? 0;
  for (const plane of chroma) plane.fill(128);
  for (let y = 0; y < testHeight; y += 1) {
    const isSecond = (y % 2 === 0) !== isTopFirst;
    const left = 10 + (2 * index + (isSecond ? 1 : 0)) * pixelsAField;
    luma?.fill(dark, y * stride, y * stride + testWidth);
    luma?.fill(bright, y * stride + left, y * stride + left + barWidth);
  }
  frame.setFlags(AV_FRAME_FLAG_INTERLACED);
  if (isTopFirst) frame.setFlags(AV_FRAME_FLAG_TOP_FIELD_FIRST);
  return frame;
}

/** How much lines differ from both of their neighbours in the same direction: what a comb does and an edge does not. */
function combs(luma: Uint8Array): number {
  let sum = 0;
  for (let y = 60; y < testHeight - 60; y += 1) {
    for (let x = 0; x < testWidth; x += 1) {
      const [above, here, below] = [-1, 0, 1].map((step) => luma[(y + step) * testWidth + x] ?? 0) as [
        number,
        number,
        number,
      ];
      const isTooth = (here > above + 20 && here > below + 20) || (here < above - 20 && here < below - 20);
      if (isTooth) sum += 1;
    }
  }
  return sum / (testHeight - 120);
}

function leftEdge(luma: Uint8Array): number {
  const row = luma.subarray((testHeight / 2) * testWidth, (testHeight / 2 + 1) * testWidth);
  return row.findIndex((value) => value > (dark + bright) / 2);
}

describe.each([
  ["the upper field first", true],
  ["the lower field first", false],
] as const)("an interlaced clip with %s", (_name, isTopFirst) => {
  it("moves without combs, and never backwards", async () => {
    const file = path.join(folder, `${isTopFirst}.mpg`);
    await writeTestMedia(file, {
      container: "mpeg",
      seconds: 1.2,
      video: {
        encoder: "mpeg2video",
        options: { flags: "+ildct+ilme", qmin: 1, qmax: 3, field_order: isTopFirst ? "tt" : "bb" },
        frame: (index) => weave(index, isTopFirst),
      },
    });
    const { clip } = await seeMedia(file, folder);
    if (clip === null) throw new Error("no clip");
    expect(clip.interlaced).toBe(true);
    const size = { width: testWidth, height: testHeight };
    const teethOf = async (seen: typeof clip): Promise<{ teeth: number; edges: number[] }> => {
      await using opened = await openClip(seen, { ...size, fps: 30, firstFrame: 0 });
      let teeth = 0;
      const edges: number[] = [];
      for (let frame = 0; frame < 30; frame += 1) {
        const { picture } = await opened.next();
        teeth = Math.max(teeth, combs(picture));
        edges.push(leftEdge(picture));
      }
      return { teeth, edges };
    };
    const woven = await teethOf({ ...clip, interlaced: false });
    expect(woven.teeth, "the measure sees combs where nothing is done about them").toBeGreaterThan(3);
    const { teeth, edges } = await teethOf(clip);
    expect(teeth).toBeLessThan(0.5);
    expect(edges).toEqual(edges.toSorted((a, b) => a - b));
    expect((edges.at(-1) ?? 0) - (edges[0] ?? 0)).toBeGreaterThan(100);
  });
});
