import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { parseRows } from "../../../dist/capsule/parse-rows.js";
import { splitCues } from "../../../dist/film/captions/split-cues.js";
import { formatWebVtt } from "../../../dist/film/captions/format-webvtt.js";
import { printable } from "../../../dist/printable.js";
import { parseTranscript } from "../../../dist/speech/parse-transcript.js";

const file = fileURLToPath(new URL("../../../../shared/corpus/text/blns.txt", import.meta.url));
const capsule = { id: "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10" };

/** The big list of naughty strings: what broke other people's programs. */
const strings = existsSync(file)
  ? readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
  : [];

describe.skipIf(strings.length === 0)("naughty strings (skipped without their list)", () => {
  it("lose no message in any column", () => {
    const rows = strings.map((text, index) => ({
      id: text,
      contributor_name: text,
      submitted_at: text,
      content_text: text,
      content_image_url: text,
      transcript: text,
      content_audio_url: `media/${index}.m4a`,
    }));
    for (let first = 0; first < rows.length; first += 500) {
      const some = rows.slice(first, first + 500);
      const row = { ...capsule, title: some[0]?.id, birth_date: some[0]?.id, theme: some[0]?.id };
      const { messages } = parseRows(row, some);
      expect(messages).toHaveLength(some.length);
      for (const { id, contributorName } of messages) {
        expect(id).toMatch(/^\w[\w.:-]*$/);
        expect(contributorName ?? "").not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u);
      }
    }
  });

  it("are plain captions, and have no effect on a terminal", () => {
    for (const text of strings) {
      const parts = parseTranscript(text);
      const words = [text, ...(parts?.kind === "plain" ? [parts.text] : [])];
      const cues = words
        .flatMap((one) => splitCues(one))
        .map((cue, index) => ({ ...cue, speaker: text, firstFrame: index, frameCount: 1 }));
      const [head, ...blocks] = formatWebVtt(cues, 30).split("\n\n");
      expect(head?.trim()).toBe("WEBVTT");
      for (const block of blocks) {
        expect(block).toMatch(/^\d+\n[\d:.]+ --> [\d:.]+\n(?:(?!-->)[^])*$/);
        expect(block.replace(/\n<v [^<>\n]*>/, "").replace("-->", "")).not.toMatch(/[<>]/);
      }
      expect(printable(text)).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u);
    }
  });
});
