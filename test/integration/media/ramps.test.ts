import {
  AV_LOG_ERROR,
  AV_PIX_FMT_GBRP10LE,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV420P10LE,
  type AVColorPrimaries,
  type AVColorRange,
  type AVColorSpace,
  type AVColorTransferCharacteristic,
  type AVPixelFormat,
} from "node-av/constants";
import { Frame, Log } from "node-av/lib";
import { beforeAll, expect, it } from "vitest";

import { clearUnknownColours } from "../../../dist/media/pictures/known-colours.js";
import { openPictureConverter } from "../../../dist/media/pictures/open-picture-converter.js";
import { pictureTransfer } from "../../../dist/media/pictures/picture-colours.js";
import { allocateFrame } from "./test-signal.js";

beforeAll(() => Log.setLevel(AV_LOG_ERROR));

const [width, height] = [512, 4];

interface RampKind {
  readonly format: AVPixelFormat;
  readonly bits: 8 | 10;
  /** The shares of red, green and blue. Equal shares are grey. */
  readonly colour: readonly [number, number, number];
  readonly range: 1 | 2;
}

/** Draws a ramp from black at the left to full light at the right. */
function ramp({ format, bits, colour, range }: RampKind): Frame {
  const frame = allocateFrame(width, height, format);
  const most = 2 ** bits - 1;
  const unit = 2 ** (bits - 8);
  const isRgb = format === AV_PIX_FMT_GBRP10LE;
  for (const [index, plane] of (frame.data ?? []).entries()) {
    const stride = frame.linesize[index] ?? 0;
    const grain = !isRgb && index > 0 ? 2 : 1;
    // Planes of RGB come as green, blue and red.
    const share = isRgb ? (colour[[1, 2, 0][index] ?? 0] ?? 0) : 1;
    for (let y = 0; y < height / grain; y += 1) {
      for (let x = 0; x < width / grain; x += 1) {
        const light = (x * grain) / (width - 1);
        const luma = range === 1 && !isRgb ? unit * (16 + 219 * light) : most * light * share;
        const value = Math.round(grain === 2 ? 128 * unit : luma);
        if (bits === 8) plane[y * stride + x] = value;
        else plane.writeUInt16LE(value, y * stride + 2 * x);
      }
    }
  }
  return frame;
}

const transfers = [1, 2, 4, 5, 6, 7, 8, 11, 13, 14, 15, 16, 17, 18];
const primaries = [1, 2, 9, 12];
const kinds: readonly (readonly [string, RampKind])[] = [
  ["8 bits, limited", { format: AV_PIX_FMT_YUV420P, bits: 8, colour: [1, 1, 1], range: 1 }],
  ["10 bits, limited", { format: AV_PIX_FMT_YUV420P10LE, bits: 10, colour: [1, 1, 1], range: 1 }],
  ["10 bits, full", { format: AV_PIX_FMT_YUV420P10LE, bits: 10, colour: [1, 1, 1], range: 2 }],
  ["red of 10 bits", { format: AV_PIX_FMT_GBRP10LE, bits: 10, colour: [1, 0, 0], range: 2 }],
  ["blue of 10 bits", { format: AV_PIX_FMT_GBRP10LE, bits: 10, colour: [0, 0, 1], range: 2 }],
];

it.each(kinds)("brighter light is never shown darker, for any transfer and primaries: %s", (_name, kind) => {
  const source = ramp(kind);
  const target = new Frame();
  target.alloc();
  const isRgb = kind.format === AV_PIX_FMT_GBRP10LE;
  for (const transfer of transfers) {
    for (const colours of primaries) {
      source.colorTrc = transfer as AVColorTransferCharacteristic;
      source.colorPrimaries = colours as AVColorPrimaries;
      source.colorSpace = (isRgb ? 0 : colours === 9 ? 9 : 1) as AVColorSpace;
      source.colorRange = kind.range as AVColorRange;
      clearUnknownColours(source);
      const clip = { mirrored: false, rotationDegrees: 0 as const, transfer: pictureTransfer(source) };
      using converter = openPictureConverter(clip, { width, height });
      converter.convert(source, target);
      const [luma] = target.data ?? [];
      let [brightest, deepestFall] = [0, 0];
      for (let x = 0; x < width; x += 1) {
        const value = luma?.[x] ?? 0;
        deepestFall = Math.max(deepestFall, brightest - value);
        brightest = Math.max(brightest, value);
      }
      const what = `transfer ${transfer}, primaries ${colours}`;
      expect(deepestFall, what).toBeLessThanOrEqual(1);
      expect(luma?.[0], what).toBeLessThan(24);
      if (kind.colour[1] === 1) expect(luma?.[width - 1], what).toBeGreaterThan(228);
    }
  }
  source.free();
  target.free();
});
