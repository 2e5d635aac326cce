import { describe, expect, it } from "vitest";

import type { MessageAssets } from "../../../../dist/media/asset.js";
import { parseRows } from "../../../../dist/capsule/parse-rows.js";
import { rejectLongContent } from "../../../../dist/film/plan/film-length.js";
import { plainSettings } from "../../../plain-settings.js";

const settings = { ...plainSettings, maxSeconds: 3600 };
const capsule = { id: "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10" };
/** An hour at 2.5 words per second. */
const hourOfWords = ["x", "y", "z"].map((id) => ({ id, content_text: "word ".repeat(3000) }));

function contentOf(...rows: readonly object[]) {
  return parseRows(capsule, rows).messages;
}

function voiceOf(seconds: number): MessageAssets {
  const sound = { kind: "sound", path: "-", sampleCount: seconds * 48_000, sha256: "-" } as const;
  return {
    photo: null,
    voice: { ...sound, integratedLufs: -16, truePeakDbtp: -1 },
    clip: null,
    problems: [],
  };
}

describe("rejectLongContent", () => {
  it("accepts an hour of words and rejects more", () => {
    expect(() => rejectLongContent(contentOf(...hourOfWords), new Map(), settings)).not.toThrow();
    const more = contentOf(...hourOfWords, { id: "b", content_text: "One more." });
    expect(() => rejectLongContent(more, new Map(), settings)).toThrow(
      expect.objectContaining({
        code: "film-too-long",
        fault: "job",
        message: expect.stringMatching(/KEEPSAKE_MAX_FILM_HOURS allows 1\. Split the capsule, or set/),
      }),
    );
  });

  it("counts a voice where it takes longer than the words beside it", () => {
    const messages = contentOf({ id: "a", content_text: "Hello." }, { id: "b", content_audio_url: "x" });
    const of = (a: number, b: number) =>
      new Map([
        ["a", voiceOf(a)],
        ["b", voiceOf(b)],
      ]);
    expect(() => rejectLongContent(messages, of(1800, 1800), settings)).not.toThrow();
    expect(() => rejectLongContent(messages, of(1800, 1801), settings)).toThrow("KEEPSAKE_MAX_FILM_HOURS");
  });
});
