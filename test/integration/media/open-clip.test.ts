import { cp } from "node:fs/promises";
import path from "node:path";

import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";

import type { ClipAsset } from "../../../dist/media/asset.js";
import { openClip } from "../../../dist/media/pictures/open-clip.js";
import { verifyClip } from "../../../dist/media/pictures/verify-clip.js";
import { codedHeight, codedWidth, cornerLuma, setDisplayMatrix, writeSampleClip } from "./sample-clip.js";
import { useFolder } from "../../use-folder.js";

const frameCount = 75;
/** Brightness that says which frame it is, with cuts on which the encoder puts keyframes to seek to. */
const middle = (frame: number): number => ([40, 160, 100][Math.floor(frame / 25)] ?? 0) + (frame % 25) * 2.5;
/** Less than half a step of brightness, so that a neighbour is another picture. */
const tolerance = 1.2;
const limits = { maxSeconds: 60, maxPictures: 10_000 };

const folder = useFolder();
let source = "";
beforeAll(async () => {
  source = path.join(folder, "source.mp4");
  await writeSampleClip(source, { frameCount, middle, toneFromFrame: 0 });
});

async function verify(file: string): Promise<ClipAsset> {
  const place = { path: file, demuxer: "mov", streamIndex: 0 };
  const clip = await verifyClip(place, limits);
  if (clip === null) throw new Error("no pictures");
  return { kind: "clip", ...place, ...clip, sound: null, sha256: "" };
}

interface Grey {
  readonly picture: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Mean luma of a small square around a place given in fractions of the picture. */
function lumaAt({ picture, width, height }: Grey, x: number, y: number): number {
  let sum = 0;
  for (let dy = -2; dy <= 2; dy += 1) {
    for (let dx = -2; dx <= 2; dx += 1) {
      sum += picture[(Math.round(y * height) + dy) * width + Math.round(x * width) + dx] ?? 0;
    }
  }
  return sum / 25;
}

async function takeFrames(
  clip: ClipAsset,
  size: { width: number; height: number },
  firstFrame: number,
  count: number,
) {
  await using opened = await openClip(clip, { ...size, fps: 30, firstFrame });
  const taken: { readonly middle: number; readonly changed: boolean; readonly bytes: Buffer }[] = [];
  for (let index = 0; index < count; index += 1) {
    const { picture, changed } = await opened.next();
    expect(picture.byteLength).toBe((size.width * size.height * 3) / 2);
    taken.push({ middle: lumaAt({ picture, ...size }, 0.5, 0.5), changed, bytes: Buffer.from(picture) });
  }
  return taken;
}

function expectNear(seen: number | undefined, expected: number): void {
  expect(Math.abs((seen ?? Number.NaN) - expected)).toBeLessThan(tolerance);
}

const size = { width: codedWidth, height: codedHeight };

describe("openClip", () => {
  it("returns the picture of each film frame, and the last one past the end", async () => {
    const clip = await verify(source);
    expect(clip.durationSeconds).toBeCloseTo(frameCount / 30, 3);
    const taken = await takeFrames(clip, size, 0, frameCount + 5);
    for (const [frame, { middle: seen, changed }] of taken.entries()) {
      expectNear(seen, middle(Math.min(frame, frameCount - 1)));
      expect(changed).toBe(frame < frameCount);
    }
  });

  it("draws a transparent sticker on its background", async () => {
    const file = path.join(folder, "sticker.gif");
    const dot = Buffer.from(
      '<svg width="64" height="64"><circle cx="32" cy="32" r="20" fill="black"/></svg>',
    );
    const clear = await sharp(dot).ensureAlpha().raw().toBuffer();
    await sharp(Buffer.concat([clear, clear]), {
      raw: { width: 64, height: 128, channels: 4, pageHeight: 64 },
    })
      .gif({ delay: [100, 100] })
      .toFile(file);
    const place = { path: file, demuxer: "gif", streamIndex: 0 };
    const verified = await verifyClip(place, limits);
    if (verified === null) throw new Error("no pictures");
    const clip: ClipAsset = {
      kind: "clip",
      ...place,
      ...verified,
      background: "#f3ecdf",
      sound: null,
      sha256: "",
    };
    const square = { width: 64, height: 64 };
    await using opened = await openClip(clip, { ...square, fps: 30, firstFrame: 0 });
    const { picture } = await opened.next();
    // BT.709, limited: black, and the luma of the background.
    expectNear(lumaAt({ picture, ...square }, 0.5, 0.5), 16);
    expectNear(lumaAt({ picture, ...square }, 0.06, 0.06), 219.5);
  });

  it("loops, and shows the same pictures wherever it is started", async () => {
    const turn = 30;
    const clip = { ...(await verify(source)), loopSeconds: turn / 30, durationSeconds: (3 * turn) / 30 };
    const taken = await takeFrames(clip, size, 0, 3 * turn);
    for (const [frame, { middle: seen }] of taken.entries()) expectNear(seen, middle(frame % turn));
    const [later] = await takeFrames(clip, size, 2 * turn + 7, 1);
    expect(later?.bytes.equals(taken[2 * turn + 7]?.bytes ?? Buffer.alloc(0))).toBe(true);
  });

  it("returns the same bytes when started anywhere as from the start", async () => {
    const clip = await verify(source);
    const all = await takeFrames(clip, size, 0, frameCount);
    for (const firstFrame of [1, 17, 44, 74, 200]) {
      const [there] = await takeFrames(clip, size, firstFrame, 1);
      const same = all[Math.min(firstFrame, frameCount - 1)];
      expect(there?.changed).toBe(true);
      expect(there !== undefined && same?.bytes.equals(there.bytes)).toBe(true);
    }
  });

  it("scales to the requested size", async () => {
    const clip = await verify(source);
    for (const wanted of [
      { width: 80, height: 48 },
      { width: 320, height: 192 },
    ]) {
      const [first] = await takeFrames(clip, wanted, 30, 1);
      expect(Math.abs((first?.middle ?? 0) - middle(30))).toBeLessThan(tolerance);
    }
  });

  it.each([
    [1, 0, 0, 1],
    [0, 1, -1, 0],
    [-1, 0, 0, -1],
    [0, -1, 1, 0],
    [-1, 0, 0, 1],
    [1, 0, 0, -1],
    [0, 1, 1, 0],
    [0, -1, -1, 0],
  ] as const)("turns pictures as the display matrix [%i %i; %i %i] says", async (a, b, c, d) => {
    const file = path.join(folder, "turned.mp4");
    await cp(source, file);
    await setDisplayMatrix(file, [a, b, c, d]);
    const clip = await verify(file);
    const sideways = a === 0;
    expect([clip.width, clip.height]).toEqual(
      sideways ? [codedHeight, codedWidth] : [codedWidth, codedHeight],
    );
    const shown = { width: clip.width, height: clip.height };
    const [first] = await takeFrames(clip, shown, 0, 1);
    // The direction from the middle of the picture in which a coded corner is shown.
    const corners = {
      topLeft: [-1, -1],
      topRight: [1, -1],
      bottomLeft: [-1, 1],
      bottomRight: [1, 1],
    } as const;
    for (const [corner, [p, q]] of Object.entries(corners)) {
      const [x, y] = [0.5 + 0.42 * (a * p + c * q), 0.5 + 0.42 * (b * p + d * q)];
      const seen = lumaAt({ picture: first?.bytes ?? Buffer.alloc(0), ...shown }, x, y);
      expectNear(seen, cornerLuma[corner as keyof typeof cornerLuma]);
    }
  });
});
