import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { formatWebVtt } from "../../../../dist/film/captions/format-webvtt.js";

const cue = (text: string, speaker: string | null = null, firstFrame = 0) => ({
  firstFrame,
  frameCount: 60,
  text,
  speaker,
});

describe("formatWebVtt", () => {
  it("numbers cues, writes times of frames, names speakers and escapes words", () => {
    const captions = [
      cue("She said: “1 < 2 & 3 > 2”", null, 12),
      { ...cue("two\nlines", "Anna & <Co>\n>", 30 * 3600 + 1), frameCount: 30 },
    ];
    expect(formatWebVtt(captions, 30)).toBe(
      [
        "WEBVTT",
        "",
        "1",
        "00:00:00.400 --> 00:00:02.400",
        "She said: “1 &lt; 2 &amp; 3 &gt; 2”",
        "",
        "2",
        "01:00:00.033 --> 01:00:01.033",
        "<v Anna &amp; &lt;Co&gt; &gt;>two",
        "lines",
        "",
      ].join("\n"),
    );
  });

  it("writes a file without cues for a film without words", () => {
    expect(formatWebVtt([], 30)).toBe("WEBVTT\n");
  });

  it("leaves out a caption without words", () => {
    expect(formatWebVtt([cue(" \n ", "Anna")], 30)).toBe("WEBVTT\n");
  });

  it("prevents words and names from breaking out of their cue", () => {
    const hostile = fc.array(
      fc.constantFrom(
        "\n",
        "\r",
        "\r\n",
        "-->",
        "--",
        "<b>",
        "</v>",
        "&",
        "\0",
        "word",
        " ",
        "NOTE",
        "\u{2028}",
      ),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, (first, second, name) => {
        const captions = [first, second].map((parts, index) =>
          cue(`word${parts.join("")}`, `a${name.join("")}`, index * 90),
        );
        const blocks = formatWebVtt(captions, 30).trimEnd().split("\n\n");
        expect(blocks[0]).toBe("WEBVTT");
        expect(blocks).toHaveLength(3);
        for (const [index, block] of blocks.slice(1).entries()) {
          const [number, times, ...lines] = block.split("\n");
          expect(number).toBe(String(index + 1));
          expect(times).toMatch(/^\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}$/u);
          const text = lines.join("\n");
          expect(text).toMatch(/^<v [^<>]*>[^<>\0\r]*$/u);
          expect(text).toContain("word");
          expect(text).not.toContain("-->");
        }
      }),
    );
  });
});
