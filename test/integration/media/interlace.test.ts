import path from "node:path";

import {
  AV_FRAME_FLAG_INTERLACED,
  AV_FRAME_FLAG_TOP_FIELD_FIRST,
  AV_LOG_ERROR,
  AV_PIX_FMT_YUV420P,
} from "node-av/constants";
import { Log, type Frame } from "node-av/lib";
import { beforeAll, describe, expect, it } from "vitest";

import type { ClipAsset } from "../../../dist/media/asset.js";
import { createFieldWatch } from "../../../dist/media/pictures/field-watch.js";
import { openClip } from "../../../dist/media/pictures/open-clip.js";
import { measureMedia } from "./read-media.js";
import { allocateFrame, testHeight, testWidth } from "./test-signal.js";
import { writeTestMedia } from "./write-test-media.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();
beforeAll(async () => {
  Log.setLevel(AV_LOG_ERROR);
});

const barWidth = 60;
const pixelsAField = 3;
const [dark, bright] = [30, 220];

/** Two fields of a bar that moves to the right, woven into one picture. */
function weave(index: number, isTopFirst: boolean, isFlagged = true): Frame {
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
  if (!isFlagged) return frame;
  frame.setFlags(AV_FRAME_FLAG_INTERLACED);
  if (isTopFirst) frame.setFlags(AV_FRAME_FLAG_TOP_FIELD_FIRST);
  return frame;
}

/** Measures how much lines differ from both neighbours in the same direction. Combing does that, an edge does not. */
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

async function teethOf(clip: ClipAsset): Promise<{ teeth: number; edges: number[] }> {
  const size = { width: testWidth, height: testHeight };
  await using opened = await openClip(clip, { ...size, fps: 30, firstFrame: 0 });
  let teeth = 0;
  const edges: number[] = [];
  for (let frame = 0; frame < 30; frame += 1) {
    const { picture } = await opened.next();
    teeth = Math.max(teeth, combs(picture));
    edges.push(leftEdge(picture));
  }
  return { teeth, edges };
}

describe.each([
  ["the upper field first", true],
  ["the lower field first", false],
] as const)("an interlaced clip with %s", (_name, isTopFirst) => {
  it("moves without combing, and never backwards", async () => {
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
    const { clip } = await measureMedia(file, folder);
    if (clip === null) throw new Error("no clip");
    expect(clip.interlaced).toBe(true);
    const woven = await teethOf({ ...clip, interlaced: false });
    expect(woven.teeth, "the measure sees combs where nothing is done about them").toBeGreaterThan(3);
    const { teeth, edges } = await teethOf(clip);
    expect(teeth).toBeLessThan(0.5);
    expect(edges).toEqual(edges.toSorted((a, b) => a - b));
    expect((edges.at(-1) ?? 0) - (edges[0] ?? 0)).toBeGreaterThan(100);
  });
});

describe.each([
  ["the upper field first", true, "top"],
  ["the lower field first", false, "bottom"],
] as const)("pictures woven with %s that do not say so", (_name, isTopFirst, order) => {
  it.each([
    ["H.264", "mp4", "mp4", { encoder: "libx264", options: { preset: "veryfast", crf: 20 } }],
    ["Motion JPEG", "avi", "avi", { encoder: "mjpeg", pixels: "yuvj420p", options: { qmin: 2, qmax: 4 } }],
  ] as const)("are deinterlaced (%s)", async (_coding, extension, container, video) => {
    const file = path.join(folder, `unsaid-${order}.${extension}`);
    const frame = (index: number): Frame => weave(index, isTopFirst, false);
    await writeTestMedia(file, { container, seconds: 1.2, video: { ...video, frame } });
    const { clip } = await measureMedia(file, folder);
    if (clip === null) throw new Error("no clip");
    expect(clip).toMatchObject({ interlaced: true, fieldOrder: order });
    const { fieldOrder: _, ...woven } = clip;
    expect((await teethOf({ ...woven, interlaced: false })).teeth).toBeGreaterThan(3);
    const { teeth, edges } = await teethOf(clip);
    expect(teeth).toBeLessThan(0.5);
    expect(edges).toEqual(edges.toSorted((a, b) => a - b));
  });
});

describe("progressive pictures", () => {
  const stripes =
    (period: number, step: number) =>
    (_x: number, y: number, index: number): number =>
      (y + index * step) % period < period / 2 ? bright : dark;
  /** Letters: blocks of strokes that are one or two lines high. */
  const letters =
    (stepX: number, stepY: number) =>
    (x: number, y: number, index: number): number => {
      const [column, row] = [x + index * stepX, y + index * stepY];
      const [inColumn, inRow] = [column % 11, row % 17];
      const isStroke = inRow === 2 || inRow === 8 || inRow === 9 || inRow === 14 || inColumn === 3;
      return inColumn < 9 && inRow > 1 && inRow < 15 && isStroke && (column / 11) % 7 > 1 ? dark : bright;
    };
  const noise = (x: number, y: number, index: number): number =>
    dark + ((Math.imul(x * 7919 + y * 104_729 + index * 1299709, 2_654_435_761) >>> 24) * 190) / 255;
  const bar = (x: number, _y: number, index: number): number =>
    x >= 10 + index * 6 && x < 70 + index * 6 ? bright : dark;

  it.each([
    ["stripes of one line each", stripes(2, 1)],
    ["stripes that move by one line", stripes(4, 1)],
    ["stripes that move by two lines", stripes(6, 2)],
    ["stripes that move by three lines", stripes(5, 3)],
    ["letters that rise", letters(0, 2)],
    ["letters that rise slowly and run", letters(3, 1)],
    ["noise", noise],
    ["a bar that runs", bar],
  ] as const)("stay as they are: %s", async (name, luma) => {
    const watch = createFieldWatch();
    for (let index = 0; index < 90; index += 1) {
      const frame = allocateFrame(testWidth, testHeight, AV_PIX_FMT_YUV420P);
      const [plane] = frame.data ?? [];
      const stride = frame.linesize[0] ?? 0;
      for (let y = 0; y < testHeight; y += 1) {
        for (let x = 0; x < testWidth; x += 1) if (plane) plane[y * stride + x] = luma(x, y, index);
      }
      watch.add(frame);
      frame.free();
    }
    expect(watch.order(), name).toBeNull();
  });
});
