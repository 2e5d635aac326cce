import { describe, expect, it } from "vitest";

import { createCaptionTrack, createChapterTrack } from "../../../../dist/film/join/text-tracks.js";

const picture = { width: 1920, height: 1080 };

describe("createCaptionTrack", () => {
  it("fills the time between captions with empty ones", async () => {
    const captions = [
      { firstFrame: 30, frameCount: 60, text: "Für Ana" },
      { firstFrame: 90, frameCount: 30, text: "still" },
    ];
    const track = createCaptionTrack(captions, { frameCount: 150, fps: 30, picture, language: "deu" });
    expect([...track.durations]).toEqual([30, 60, 30, 30].map((frames) => frames * 1600));
    expect([...track.sizes]).toEqual([2, 2 + 8, 2 + 5, 2]);
    expect(Buffer.from(await track.read(1, 1)).toString("utf8", 2)).toBe("Für Ana");
    expect(track.place.y + track.place.height).toBe(1080);
  });

  it.each([
    [
      "overlap",
      [
        { firstFrame: 0, frameCount: 60 },
        { firstFrame: 59, frameCount: 10 },
      ],
    ],
    ["reach past the film", [{ firstFrame: 100, frameCount: 51 }]],
  ])("rejects captions that %s", (_, spans) => {
    const captions = spans.map((span) => ({ ...span, text: "words" }));
    expect(() =>
      createCaptionTrack(captions, { frameCount: 150, fps: 30, picture, language: "und" }),
    ).toThrow(RangeError);
  });
});

describe("createChapterTrack", () => {
  it("marks the title in each sample as UTF-8", async () => {
    const track = createChapterTrack([{ title: "عمر", firstFrame: 0, frameCount: 25 }], 25);
    expect([...track.durations]).toEqual([48_000]);
    const sample = Buffer.from(await track.read(0, 1));
    expect(sample.readUInt16BE(0)).toBe(6);
    expect(sample.toString("utf8", 2, 8)).toBe("عمر");
    expect(sample.toString("latin1", 8)).toBe("\0\0\0\u{c}encd\0\0\u{1}\0");
  });
});
