import { describe, expect, it } from "vitest";

import { travelOf, travelSeconds, travelsUnderVoice } from "../../../../dist/film/model/travel.js";
import { calmTiming } from "../../../../dist/film/model/timing.js";

const wide = { width: 1920, height: 1080 };
const tall = { width: 1080, height: 1920 };
const square = { width: 1080, height: 1080 };

describe("travelOf", () => {
  it.each([
    ["a phone's screenshot", 1170, 2532],
    ["a photo in 16:9", 1920, 1080],
    ["a photo upright", 3024, 4032],
    ["a panorama with few pixels", 1200, 150],
    ["a strip of a few pixels", 12, 4000],
  ])("shows %s whole", (_name, width, height) => {
    for (const frame of [wide, tall, square]) expect(travelOf({ width, height }, frame)).toBeNull();
  });

  it.each([
    ["wide", wide, 540, 6000, 1080],
    ["wide, of many pixels", wide, 1440, 20_000, 1308],
    ["tall", tall, 1080, 12_000, 952],
    ["square", square, 1080, 12_000, 952],
  ])(
    "shows a scrolled screenshot in a readable width in a frame that is %s",
    (_name, frame, width, height, shown) => {
      const travel = travelOf({ width, height }, frame);
      expect(travel?.axis).toBe("down");
      expect(travel?.width).toBe(shown);
      expect(travel?.height).toBeCloseTo((shown * height) / width, 6);
    },
  );

  it("fills a wide or square frame with the height of a panorama, and most of a tall one", () => {
    const panorama = { width: 11_000, height: 1400 };
    expect(travelOf(panorama, wide)).toMatchObject({ axis: "across", height: 1080 });
    expect(travelOf(panorama, square)).toMatchObject({ axis: "across", height: 1080 });
    expect(travelOf(panorama, tall)).toMatchObject({ axis: "across", height: 1296 });
  });

  it("lays out a travel in the same way in a frame of half the size", () => {
    const photo = { width: 1080, height: 9000 };
    expect(travelOf(photo, { width: 960, height: 540 })).toEqual(travelOf(photo, wide));
  });
});

describe("travelSeconds", () => {
  const secondsOf = (width: number, height: number, writtenWords?: number): number => {
    const travel = travelOf({ width, height }, wide);
    if (travel === null) throw new Error("The picture is not travelled along.");
    const photo = { width, height, ...(writtenWords === undefined ? {} : { writtenWords }) };
    return travelSeconds(travel, photo, wide, calmTiming);
  };

  it("shows at most a screenful in eight seconds where the picture has no text", () => {
    // The travels are seven and a half screens of the frame's height, and four of its width.
    expect(secondsOf(540, 4050)).toBeGreaterThan(8 * 6.5);
    expect(secondsOf(8533, 1080)).toBeGreaterThan(8 * 3.4);
  });

  it("gives enough time to read the text in the picture", () => {
    expect(secondsOf(540, 6000, 2000)).toBeCloseTo(2000 / 3.75, 6);
    expect(secondsOf(540, 6000, 10)).toBe(secondsOf(540, 6000));
  });
});

it("plays a voice over a panorama in a wide frame, and over no picture with text to read", () => {
  const panorama = travelOf({ width: 11_000, height: 1400 }, wide);
  const chat = travelOf({ width: 1080, height: 12_000 }, wide);
  if (panorama === null || chat === null) throw new Error("The pictures are not travelled along.");
  expect(travelsUnderVoice(panorama, wide)).toBe(true);
  expect(travelsUnderVoice(panorama, tall)).toBe(false);
  expect(travelsUnderVoice(chat, wide)).toBe(false);
});
