import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { placeCues, spreadCues } from "../../../../dist/film/captions/place-cues.js";

const words = (width: number) => ({ text: "x".repeat(width), width });
const spoken = (firstFrame: number, endFrame: number, width = 20) => ({
  ...words(width),
  firstFrame,
  endFrame,
  speaker: null,
});
const times = (cues: readonly { readonly firstFrame: number; readonly frameCount: number }[]) =>
  cues.map(({ firstFrame, frameCount }) => [firstFrame, firstFrame + frameCount]);

describe("spreadCues", () => {
  it("distributes all of the time in proportion to length", () => {
    const cues = spreadCues([words(12), words(32)], { firstFrame: 100, endFrame: 400 });
    expect(cues.map(({ firstFrame, endFrame }) => [firstFrame, endFrame])).toEqual([
      [100, 200],
      [200, 400],
    ]);
  });
});

describe("placeCues", () => {
  const bounds = { firstFrame: 0, endFrame: 600 };

  it("shows the last cue as long as its reading takes", () => {
    expect(times(placeCues([spoken(30, 36), spoken(300, 310, 68)], bounds, 30))).toEqual([
      [30, 65],
      [300, 420],
    ]);
  });

  it("closes a short gap and keeps a pause", () => {
    expect(times(placeCues([spoken(0, 60), spoken(70, 130), spoken(200, 260)], bounds, 30))).toEqual([
      [0, 70],
      [70, 130],
      [200, 260],
    ]);
  });

  it("delays a cue when the one before it would be too short", () => {
    expect(times(placeCues([spoken(0, 5), spoken(5, 90)], bounds, 30))).toEqual([
      [0, 21],
      [21, 90],
    ]);
  });

  it("moves cues from outside into the bounds", () => {
    expect(times(placeCues([spoken(-50, -10), spoken(900, 990)], bounds, 30))).toEqual([
      [0, 35],
      [579, 600],
    ]);
  });

  it("shows cues together when there are fewer frames than cues", () => {
    const cues = placeCues([spoken(0, 1), spoken(1, 2), spoken(2, 3)], { firstFrame: 0, endFrame: 2 }, 30);
    expect(cues.map(({ text }) => text.split("\n").length)).toEqual([2, 1]);
    expect(times(cues)).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  it("never overlaps cues, leaves the bounds or loses words, for any times", () => {
    const time = fc.integer({ min: -100, max: 2000 });
    const cue = fc.record({
      firstFrame: time,
      length: fc.integer({ min: 0, max: 300 }),
      width: fc.integer({ min: 1, max: 84 }),
    });
    fc.assert(
      fc.property(fc.array(cue, { maxLength: 60 }), fc.integer({ min: 1, max: 1500 }), (given, frames) => {
        const timed = given
          .toSorted((a, b) => a.firstFrame - b.firstFrame)
          .map(({ firstFrame, length, width }) => spoken(firstFrame, firstFrame + length, width));
        const placed = placeCues(timed, { firstFrame: 50, endFrame: 50 + frames }, 30);
        expect(placed.map(({ text }) => text).join("\n")).toBe(timed.map(({ text }) => text).join("\n"));
        let end = 50;
        for (const { firstFrame, frameCount } of placed) {
          expect(firstFrame).toBeGreaterThanOrEqual(end);
          expect(frameCount).toBeGreaterThanOrEqual(1);
          end = firstFrame + frameCount;
        }
        expect(end).toBeLessThanOrEqual(50 + frames);
        const room = frames / Math.max(1, placed.length);
        if (room >= 21) expect(placed.every(({ frameCount }) => frameCount >= 21)).toBe(true);
      }),
    );
  });
});
