import path from "node:path";

import {
  AV_LOG_ERROR,
  AV_PIX_FMT_YUV420P10LE,
  AV_PKT_DATA_DOVI_CONF,
  AVCOL_PRI_BT2020,
  AVCOL_PRI_SMPTE432,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_SPC_BT709,
  AVCOL_TRC_ARIB_STD_B67,
  AVCOL_TRC_BT709,
  AVCOL_TRC_SMPTE2084,
} from "node-av/constants";
import { Log, type Frame } from "node-av/lib";
import { beforeAll, describe, expect, it } from "vitest";

import { measureMedia, type MeasuredMedia } from "./read-media.js";
import { allocateFrame, quarterColours, testHeight, testWidth } from "./test-signal.js";
import { writeTestMedia, type TestVideo } from "./write-test-media.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();
beforeAll(async () => {
  Log.setLevel(AV_LOG_ERROR);
});

type Triple = readonly [number, number, number];
type Transfer = "hlg" | "pq" | "bt709";

/** Light in BT.709 primaries, 1 being the white of paper: 203 cd/m² of an HDR screen (ITU-R BT.2408). */
const greys: readonly Triple[] = [0.05, 0.18, 0.5, 1].map((light) => [light, light, light]);
const skins: readonly Triple[] = [
  [0.4, 0.23, 0.16],
  [0.13, 0.065, 0.04],
  [0.58, 0.45, 0.36],
  [0.25, 0.14, 0.09],
];
const primaries: readonly Triple[] = [
  [0.5, 0.04, 0.04],
  [0.06, 0.4, 0.1],
  [0.05, 0.07, 0.45],
  [0.5, 0.42, 0.05],
];

const whiteNits = 203;

/** Matrices from BT.709 to BT.2020 and Display P3 (ITU-R BT.2087; SMPTE EG 432-1, both D65). */
const matrices = {
  bt2020: [
    [0.6274, 0.3293, 0.0433],
    [0.0691, 0.9195, 0.0114],
    [0.0164, 0.088, 0.8956],
  ],
  p3: [
    [0.8225, 0.1775, 0],
    [0.0332, 0.9668, 0],
    [0.0171, 0.0724, 0.9105],
  ],
} as const;

/** The signal of light (ITU-R BT.2100 for PQ and for HLG on a screen of 1,000 cd/m²; BT.1886 for SDR). */
function toSignal(light: Triple, gamut: keyof typeof matrices, transfer: Transfer): Triple {
  const [r, g, b] = matrices[gamut].map(
    ([x, y, z]) => x * light[0] + y * light[1] + z * light[2],
  ) as unknown as Triple;
  const each = (convert: (value: number) => number): Triple => [convert(r), convert(g), convert(b)];
  if (transfer === "bt709") return each((value) => value ** (1 / 2.4));
  if (transfer === "pq") {
    return each((value) => {
      const power = ((value * whiteNits) / 10_000) ** 0.1593017578125;
      return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375;
    });
  }
  const shown = (0.2627 * r + 0.678 * g + 0.0593 * b) * (whiteNits / 1000);
  const scene = shown ** (1 / 1.2 - 1) * (whiteNits / 1000);
  return each((value) => {
    const linear = value * scene;
    return linear <= 1 / 12
      ? Math.sqrt(3 * linear)
      : 0.17883277 * Math.log(12 * linear - 0.28466892) + 0.55991073;
  });
}

/** Four patches, in 10 bits, limited range. */
function patchFrame(signals: readonly Triple[], [red, blue]: readonly [number, number]): Frame {
  const frame = allocateFrame(testWidth, testHeight, AV_PIX_FMT_YUV420P10LE);
  const codes = signals.map(([r, g, b]) => {
    const luma = red * r + (1 - red - blue) * g + blue * b;
    return [
      64 + 876 * luma,
      512 + (896 * (b - luma)) / (2 * (1 - blue)),
      512 + (896 * (r - luma)) / (2 * (1 - red)),
    ] as const;
  });
  for (const [index, plane] of (frame.data ?? []).entries()) {
    const grain = index === 0 ? 1 : 2;
    const [columns, rows, stride] = [testWidth / grain, testHeight / grain, frame.linesize[index] ?? 0];
    for (let y = 0; y < rows; y += 1) {
      for (let x = 0; x < columns; x += 1) {
        const patch = (x < columns / 2 ? 0 : 1) + (y < rows / 2 ? 0 : 2);
        plane.writeUInt16LE(Math.round(codes[patch]?.[index] ?? 0), y * stride + 2 * x);
      }
    }
  }
  return frame;
}

const hevc = {
  encoder: "libx265",
  pixels: "yuv420p10le",
  options: { preset: "ultrafast", crf: 4, "x265-params": "log-level=error" },
};
const transferTags = { hlg: AVCOL_TRC_ARIB_STD_B67, pq: AVCOL_TRC_SMPTE2084, bt709: AVCOL_TRC_BT709 };

function patchVideo(patches: readonly Triple[], gamut: keyof typeof matrices, transfer: Transfer): TestVideo {
  const signals = patches.map((light) => toSignal(light, gamut, transfer));
  const isP3 = gamut === "p3";
  return {
    ...hevc,
    frame: () => patchFrame(signals, isP3 ? [0.2126, 0.0722] : [0.2627, 0.0593]),
    describe(target) {
      target.colorPrimaries = isP3 ? AVCOL_PRI_SMPTE432 : AVCOL_PRI_BT2020;
      target.colorSpace = isP3 ? AVCOL_SPC_BT709 : AVCOL_SPC_BT2020_NCL;
      target.colorTrc = transferTags[transfer];
      target.colorRange = AVCOL_RANGE_MPEG;
    },
  };
}

async function measurePatches(
  name: string,
  video: TestVideo,
): Promise<MeasuredMedia & { colours: readonly (readonly number[])[] }> {
  const file = path.join(folder, `${name}.mp4`);
  await writeTestMedia(file, { container: "mp4", seconds: 0.2, video, muxer: { strict: -2 } });
  const seen = await measureMedia(file, folder);
  return { ...seen, colours: seen.pictures[0]?.quarters ?? [] };
}

/** Returns the code, 0 to 255, that an SDR screen shows for light that needs no compression. */
function onScreen(light: Triple): number[] {
  return light.map(
    (value) => 255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055),
  );
}

function hueOf([r = 0, g = 0, b = 0]: readonly number[]): number {
  return (Math.atan2(Math.sqrt(3) * (g - b), 2 * r - g - b) * 180) / Math.PI;
}

function saturationOf(colour: readonly number[]): number {
  return Math.max(...colour) - Math.min(...colour);
}

describe.each(["hlg", "pq"] as const)("an HDR clip in %s", (transfer) => {
  it("has greys as on an SDR screen, without a tint, and bright white that is not clipped", async () => {
    const { clip, colours } = await measurePatches(
      `${transfer}-greys`,
      patchVideo(greys, "bt2020", transfer),
    );
    expect(clip?.transfer).toBe(transfer);
    for (const colour of colours) expect(saturationOf(colour), colour.join()).toBeLessThan(4);
    const levels = colours.map(([r = 0]) => r);
    // The darker half as it is; above, room is made for what is brighter than paper.
    for (const index of [0, 1])
      expect(Math.abs((levels[index] ?? 0) - (onScreen(greys[index] ?? [0, 0, 0])[0] ?? 0))).toBeLessThan(14);
    expect(levels[2]).toBeGreaterThan(155);
    expect(levels[2]).toBeLessThan(200);
    expect(levels[3]).toBeGreaterThan(195);
    expect(levels[3]).toBeLessThan(250);
  });

  it("keeps the colours of skin", async () => {
    const { colours } = await measurePatches(`${transfer}-skins`, patchVideo(skins, "bt2020", transfer));
    for (const [patch, colour] of colours.entries()) {
      const expected = onScreen(skins[patch] ?? [0, 0, 0]);
      for (const [channel, value] of colour.entries())
        expect(Math.abs(value - (expected[channel] ?? 0)), colour.join()).toBeLessThan(26);
      expect(Math.abs(hueOf(colour) - hueOf(expected)), colour.join()).toBeLessThan(10);
    }
  });

  it("keeps saturated colours saturated and their hue unchanged", async () => {
    const { colours } = await measurePatches(
      `${transfer}-primaries`,
      patchVideo(primaries, "bt2020", transfer),
    );
    for (const [patch, colour] of colours.entries()) {
      const expected = onScreen(primaries[patch] ?? [0, 0, 0]);
      const turn = ((hueOf(colour) - hueOf(expected) + 540) % 360) - 180;
      expect(Math.abs(turn), colour.join()).toBeLessThan(20);
      expect(saturationOf(colour), colour.join()).toBeGreaterThan(0.8 * saturationOf(expected));
    }
  });
});

describe("an SDR clip in wide primaries", () => {
  it.each(["bt2020", "p3"] as const)(
    "(%s) has the colours it was made with, not paler ones",
    async (gamut) => {
      const { clip, colours } = await measurePatches(`sdr-${gamut}`, patchVideo(primaries, gamut, "bt709"));
      expect(clip?.transfer).toBe("sdr");
      for (const [patch, light] of primaries.entries()) {
        const expected = light.map((value) => 255 * value ** (1 / 2.4));
        for (const [channel, value] of (colours[patch] ?? []).entries()) {
          expect(
            Math.abs(value - (expected[channel] ?? 0)),
            `patch ${patch}: ${colours[patch]?.join()}`,
          ).toBeLessThan(10);
        }
      }
    },
  );
});

describe("Dolby Vision", () => {
  const dolbyVision = (tag: string, profile: number, compatibility: number): TestVideo => ({
    ...patchVideo(greys, "bt2020", "hlg"),
    describeStream({ codecpar }) {
      codecpar.codecTag = tag;
      codecpar.addCodedSideData(
        AV_PKT_DATA_DOVI_CONF,
        Buffer.from([1, 0, profile, 1, 1, 0, 1, compatibility, 0]),
      );
    },
  });

  it("of a phone (8.4) is decoded from its HLG base pictures", async () => {
    const { clip, colours } = await measurePatches("dolby-8-4", dolbyVision("hvc1", 8, 4));
    expect(clip?.transfer).toBe("hlg");
    expect(Math.abs((colours[1]?.[0] ?? 0) - 112)).toBeLessThan(14);
  });

  it("without base pictures (profile 5) is rejected with that reason", async () => {
    await expect(measurePatches("dolby-5", dolbyVision("dvh1", 5, 0))).rejects.toMatchObject({
      code: "media-codec-unsupported",
      message:
        "The video is coded in Dolby Vision without a picture for other screens (profile 5), which is not supported.",
    });
  });
});

describe("an SDR clip", () => {
  const ranges = { tv: "limited", pc: "full" } as const;
  it.each([
    ["bt709", "tv"],
    ["bt709", "pc"],
    ["smpte170m", "tv"],
    ["smpte170m", "pc"],
  ] as const)("tagged %s in range %s has its colours", async (matrix, range) => {
    const { colours } = await measurePatches(`sdr-${matrix}-${ranges[range]}`, {
      encoder: "libx264",
      pixels: range === "pc" ? "yuvj444p" : "yuv444p",
      filters: "null",
      options: { crf: 4, "x264-params": `colormatrix=${matrix}:fullrange=${range === "pc" ? "on" : "off"}` },
      width: testWidth,
      matrix,
      range,
    });
    for (const [quarter, colour] of colours.entries()) {
      for (const [channel, value] of colour.entries())
        expect(Math.abs(value - (quarterColours[quarter]?.[channel] ?? 0)), colour.join()).toBeLessThan(8);
    }
  });
});
