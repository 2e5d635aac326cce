import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { formatWebVtt } from "../../../dist/film/captions.js";

describe("formatWebVtt", () => {
  it("writes times of frames and escapes words", () => {
    const captions = [
      { firstFrame: 12, frameCount: 60, text: "She said: “1 < 2 & 3 > 2”" },
      { firstFrame: 30 * 3600 + 1, frameCount: 30, text: "two\nlines" },
    ];
    expect(formatWebVtt(captions, 30)).toBe(
      [
        "WEBVTT",
        "",
        "00:00:00.400 --> 00:00:02.400",
        "She said: “1 &lt; 2 &amp; 3 &gt; 2”",
        "",
        "01:00:00.033 --> 01:00:01.033",
        "two",
        "lines",
        "",
      ].join("\n"),
    );
  });

  it("writes an empty file of captions for a film without words", () => {
    expect(formatWebVtt([], 30)).toBe("WEBVTT\n");
  });

  it("leaves out a caption without words", () => {
    expect(formatWebVtt([{ firstFrame: 0, frameCount: 30, text: " \n " }], 30)).toBe("WEBVTT\n");
  });

  it("lets no words break out of their cue", () => {
    const hostile = fc.array(
      fc.constantFrom("\n", "\r", "\r\n", "-->", "<b>", "&", "\0", "word", " ", "NOTE"),
    );
    fc.assert(
      fc.property(hostile, hostile, (first, second) => {
        const captions = [first, second].map((parts, index) => ({
          firstFrame: index * 90,
          frameCount: 60,
          text: `word${parts.join("")}`,
        }));
        const blocks = formatWebVtt(captions, 30).trimEnd().split("\n\n");
        expect(blocks[0]).toBe("WEBVTT");
        expect(blocks.slice(1).filter((block) => /^\d\d:\d\d:\d\d\.\d{3} --> /u.test(block))).toHaveLength(2);
        expect(blocks).toHaveLength(3);
        expect(formatWebVtt(captions, 30).match(/-->/gu)).toHaveLength(2);
        expect(formatWebVtt(captions, 30)).not.toMatch(/<|\0|\r/u);
      }),
    );
  });
});
