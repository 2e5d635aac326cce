import path from "node:path";

import { AV_LOG_ERROR, AV_PIX_FMT_YUVA420P, AV_PIX_FMT_YUVA444P10LE } from "node-av/constants";
import { Dictionary, Log, type Frame } from "node-av/lib";
import { beforeAll, describe, expect, it } from "vitest";

import { measureMedia } from "./read-media.js";
import { allocateFrame, testHeight, testWidth } from "./test-signal.js";
import { writeTestMedia, type TestMedia } from "./write-test-media.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();
beforeAll(async () => {
  Log.setLevel(AV_LOG_ERROR);
});

/** Yellow, and the red under the transparent parts, in BT.601, limited range. */
const [yellow, red] = [
  [210, 16, 146],
  [81, 90, 240],
] as const;

/** A yellow square in the middle; the rest, which is red, may be seen through. */
function sticker(isWide: boolean, isOpaque = false): Frame {
  const frame = allocateFrame(testWidth, testHeight, isWide ? AV_PIX_FMT_YUVA444P10LE : AV_PIX_FMT_YUVA420P);
  const isInside = (x: number, y: number): boolean =>
    Math.abs(x / testWidth - 0.5) < 0.2 && Math.abs(y / testHeight - 0.5) < 0.2;
  for (const [index, plane] of (frame.data ?? []).entries()) {
    const grain = !isWide && (index === 1 || index === 2) ? 2 : 1;
    const stride = frame.linesize[index] ?? 0;
    for (let y = 0; y < testHeight / grain; y += 1) {
      for (let x = 0; x < testWidth / grain; x += 1) {
        const isSeen = isInside(x * grain, y * grain);
        const alpha = isSeen || isOpaque ? 255 : 0;
        const value = index === 3 ? alpha : ((isSeen ? yellow : red)[index] ?? 0);
        if (isWide)
          plane.writeUInt16LE(Math.min(1023, value * 4 + (value === 255 ? 3 : 0)), y * stride + 2 * x);
        else plane[y * stride + x] = value;
      }
    }
  }
  return frame;
}

const fast = { deadline: "realtime", "cpu-used": 8, "auto-alt-ref": 0 };
const media: readonly (readonly [string, string, (isOpaque?: boolean) => TestMedia])[] = [
  ["VP8", "webm", (isOpaque) => webm("libvpx", isOpaque)],
  ["VP9", "webm", (isOpaque) => webm("libvpx-vp9", isOpaque)],
  [
    "ProRes 4444",
    "mov",
    (isOpaque) => ({
      container: "mov",
      seconds: 1,
      video: {
        encoder: "prores_ks",
        pixels: "yuva444p10le",
        fps: 5,
        options: { profile: "4444", alpha_bits: 16 },
        frame: () => sticker(true, isOpaque),
      },
    }),
  ],
];

function webm(encoder: string, isOpaque = false): TestMedia {
  return {
    container: "webm",
    seconds: 1,

    video: {
      encoder,
      pixels: "yuva420p",
      fps: 5,
      options: fast,
      frame: () => sticker(false, isOpaque),
      describeStream: (stream) => {
        stream.metadata = Dictionary.fromObject({ alpha_mode: "1" });
      },
    },
  };
}

describe.each(media)("a clip of %s with alpha", (name, extension, write) => {
  it("is drawn on a background, and its transparent parts are invisible", async () => {
    const file = path.join(folder, `${name}.${extension}`);
    await writeTestMedia(file, write());
    const { clip, pictures } = await measureMedia(file, folder);
    expect(clip?.background).toBe("#2a2521");
    for (const { quarters, middle } of pictures) {
      for (const colour of quarters) expectNear(colour, [0x2a, 0x25, 0x21]);
      expectNear(middle, [255, 253, 15], 30);
    }
  });

  it("has no background when it is opaque, and is completely visible", async () => {
    const file = path.join(folder, `${name}-opaque.${extension}`);
    await writeTestMedia(file, write(true));
    const { clip, pictures } = await measureMedia(file, folder);
    expect(clip).not.toHaveProperty("background");
    for (const { quarters } of pictures) for (const colour of quarters) expectNear(colour, [254, 0, 0], 30);
  });
});

function expectNear(colour: readonly number[], expected: readonly number[], tolerance = 12): void {
  for (const [index, value] of colour.entries())
    expect(
      Math.abs(value - (expected[index] ?? 0)),
      `${colour.join()} is not ${expected.join()}`,
    ).toBeLessThan(tolerance);
}
