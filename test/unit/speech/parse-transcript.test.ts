import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseTranscript } from "../../../dist/speech/parse-transcript.js";

const seconds = (column: string) => {
  const transcript = parseTranscript(column);
  return transcript?.kind === "timed"
    ? transcript.parts.map(({ text, speaker, firstSample, endSample }) => [
        text,
        speaker,
        firstSample / 48_000,
        endSample / 48_000,
      ])
    : transcript;
};

describe("parseTranscript", () => {
  it("returns text without times unchanged", () => {
    expect(parseTranscript("She sang at 10:30 --> then wept. [laughs]")).toEqual({
      kind: "plain",
      text: "She sang at 10:30 --> then wept. [laughs]",
    });
    expect(parseTranscript("[laughs]")).toEqual({ kind: "plain", text: "[laughs]" });
    expect(parseTranscript("{not json")).toEqual({ kind: "plain", text: "{not json" });
  });

  it("reads WebVTT with notes, names, settings, tags and references", () => {
    const column = [
      "WEBVTT - of a phone",
      "",
      "NOTE nobody says this",
      "",
      "opening",
      "00:01.500 --> 00:00:03.000 position:10% align:start",
      "<v.loud Anna &amp; Bob>We <i>loved</i> her &lt;3 &constructor;</v>",
      "",
      "01:00:00.000 --> 01:00:01.250",
      "second",
      "third <00:00:02.000>line",
      "",
    ].join("\r\n");
    expect(seconds(column)).toEqual([
      ["We loved her <3 &constructor;", "Anna & Bob", 1.5, 3],
      ["second\nthird line", null, 3600, 3601.25],
    ]);
  });

  it("reads SubRip, also without empty lines between its cues", () => {
    const column =
      "\u{FEFF}1\n00:00:01,000 --> 00:00:02,500\n{\\an8}<font color=red>Hi</font>\n2\n00:00:03,000 --> 00:00:04,000\nIn\n1974\n";
    expect(seconds(column)).toEqual([
      ["Hi", null, 1, 2.5],
      ["In\n1974", null, 3, 4],
    ]);
  });

  it("reads the segments that recognisers write as JSON, in order of time", () => {
    const column = JSON.stringify({
      text: "ignored",
      segments: [
        { start: 2, end: 3.5, text: " later ", speaker: "Bob" },
        { start: 0, end: 1, text: "first" },
        { start: 1, end: 2, text: " " },
      ],
    });
    expect(seconds(column)).toEqual([
      ["first", null, 0, 1],
      ["later", "Bob", 2, 3.5],
    ]);
    expect(parseTranscript('[{"start": "0", "text": "x"}]')?.kind).toBe("plain");
  });

  it("finds no words in a file of empty cues", () => {
    expect(parseTranscript("WEBVTT\n\n00:00.000 --> 00:01.000\n\n")).toBeNull();
    expect(parseTranscript("[]")).toBeNull();
  });

  it("keeps less-than signs that are not tags", () => {
    expect(seconds("00:00.000 --> 00:01.000\n1 < 2 and 3 > 2, <3")).toEqual([
      ["1 < 2 and 3 > 2, <3", null, 0, 1],
    ]);
  });

  it.each([
    ["blanks in an open tag", `<v${" ".repeat(150_000)}`],
    ["open tags", "<v a ".repeat(30_000)],
    ["classes of an open tag", "<v.a".repeat(30_000)],
  ])("parses many %s quickly", (_what, said) => {
    // A search for the end of each took half a minute in all.
    expect(seconds(`00:00.000 --> 00:01.000\n${said}`)).toEqual([[expect.any(String), null, 0, 1]]);
  });

  it("never fails, and never makes times that run backwards", () => {
    const piece = fc.constantFrom(
      "WEBVTT",
      "\n",
      "\n\n",
      "00:01.000 --> 00:00.500",
      "99:99:99,9 --> 1:00.0",
      "<v x>",
      "{",
      "[",
      "-->",
      "7",
      "word",
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const transcript = parseTranscript(pieces.join("\n"));
        if (transcript?.kind !== "timed") return;
        for (const { text, firstSample, endSample } of transcript.parts) {
          expect(text).not.toBe("");
          expect(endSample).toBeGreaterThanOrEqual(firstSample);
        }
      }),
    );
  });
});

it("ignores a speaker's name that is too long, and removes direction marks from names", () => {
  const cue = (name: string) => `WEBVTT\n\n00:00.000 --> 00:01.000\n<v ${name}>Hello.`;
  const part = (speaker: string) => JSON.stringify([{ start: 0, end: 1, text: "Hello.", speaker }]);
  for (const write of [cue, part]) {
    expect(seconds(write("x".repeat(501)))).toEqual([["Hello.", null, 0, 1]]);
    expect(seconds(write("Ada\u202e"))).toEqual([["Hello.", "Ada", 0, 1]]);
  }
});
