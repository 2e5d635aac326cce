import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { ClipAsset, SoundAsset } from "../../../../dist/media/asset.js";
import type { Message } from "../../../../dist/capsule/content.js";
import { filmCaptions } from "../../../../dist/film/captions/film-captions.js";
import type { Scene, SceneContent } from "../../../../dist/film/model/scene.js";

const sound = (seconds: number, sha256 = "voice"): SoundAsset => ({
  kind: "sound",
  path: "/s",
  sampleCount: seconds * 48_000,
  integratedLufs: -20,
  truePeakDbtp: -3,
  sha256,
});
const page = (text: string) => ({
  lines: [],
  direction: "ltr" as const,
  fontSizePx: 66,
  lineHeightPx: 91,
  heightPx: 0,
  text,
});
const voice = (seconds: number, words: string | null = null): SceneContent => ({
  kind: "voice",
  sound: sound(seconds),
  soundFirstFrame: 36,
  soundFrameCount: seconds * 30,
  photo: null,
  words: words === null ? null : page(words),
  name: "Anna",
  zoomsIn: false,
});
const clip = (seconds: number): SceneContent => ({
  kind: "clip",
  clip: { sound: sound(seconds, "clip") } as ClipAsset,
  clipFirstFrame: 24,
  clipFrameCount: seconds * 30,
  name: "Anna",
});
const card = (words: string): SceneContent => ({
  kind: "words",
  words: page(words),
  name: "Anna",
  pageNumber: 1,
  pageCount: 1,
  missing: [],
});
const scene = (content: SceneContent, firstFrame: number, frameCount: number): Scene => ({
  id: `${firstFrame}`,
  messageId: "1",
  firstFrame,
  frameCount,
  content,
});
const message = (transcript: string | null): Message => ({
  id: "1",
  contributorName: "Anna",
  submittedAt: null,
  text: null,
  imageReference: null,
  audioReference: null,
  videoReference: null,
  transcript,
});
const heard = [{ text: "Heard by a machine.", speaker: null, firstSample: 48_000, endSample: 96_000 }];

function captionsOf(
  scenes: readonly Scene[],
  transcript: string | null,
  recognised = new Map([["", heard]]),
) {
  return filmCaptions({ scenes, dissolveFrames: 24, fps: 30, messages: [message(transcript)], recognised });
}

describe("filmCaptions", () => {
  it("shows written words from the middle of one dissolve to the middle of the next", () => {
    expect(captionsOf([scene(card("We love you."), 100, 150)], null)).toEqual([
      { firstFrame: 112, frameCount: 126, text: "We love you.", speaker: null },
    ]);
  });

  it("spreads a transcript over the voice, with the contributor as speaker", () => {
    const captions = captionsOf([scene(voice(10), 0, 372)], "First she sang for us all.\n\nThen she wept.");
    expect(captions).toEqual([
      { firstFrame: 36, frameCount: 195, text: "First she sang for us all.", speaker: "Anna" },
      { firstFrame: 231, frameCount: 105, text: "Then she wept.", speaker: "Anna" },
    ]);
  });

  it("captions words beside a voice before the spoken ones, and separately", () => {
    const captions = captionsOf([scene(voice(10, "Her own words."), 0, 372)], "Spoken.");
    expect(captions.map(({ text, speaker }) => [text, speaker])).toEqual([
      ["Her own words.", null],
      ["Spoken.", "Anna"],
    ]);
    expect(captions[1]?.firstFrame).toBe(36);
  });

  it("assigns the transcript to the voice, and to the clip only without a voice", () => {
    const both = captionsOf([scene(voice(5), 0, 222), scene(clip(5), 198, 198)], "Spoken.");
    expect(both.map(({ text }) => text)).toEqual(["Spoken."]);
    const alone = captionsOf([scene(clip(5), 0, 198)], "Spoken.");
    expect(alone.map(({ text }) => text)).toEqual(["Spoken."]);
  });

  it("uses recognised speech only without a written transcript", () => {
    const recognised = new Map([["voice", heard]]);
    expect(captionsOf([scene(voice(5), 0, 222)], "Spoken.", recognised)[0]?.text).toBe("Spoken.");
    expect(captionsOf([scene(voice(5), 0, 222)], "WEBVTT\n", recognised)).toEqual([
      { firstFrame: 66, frameCount: 34, text: "Heard by a machine.", speaker: "Anna" },
    ]);
    expect(captionsOf([scene(clip(5), 0, 198)], null, recognised)).toEqual([]);
  });

  it("keeps every word inside its scene, whatever times a transcript has", () => {
    const words = fc.array(fc.constantFrom("love", "always.", "remember,", "\n", "she"), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(words, words, fc.integer({ min: 1, max: 30 }), (written, said, seconds) => {
        const frameCount = 72 + seconds * 30;
        const captions = captionsOf(
          [scene(voice(seconds, written.join(" ")), 10, frameCount)],
          said.join(" "),
        );
        const shown = captions.map(({ text }) => text).join(" ");
        expect(shown.split(/\s+/u).filter(Boolean)).toEqual(
          [...written, ...said].join(" ").split(/\s+/u).filter(Boolean),
        );
        let end = 22;
        for (const caption of captions) {
          expect(caption.firstFrame).toBeGreaterThanOrEqual(end);
          expect(caption.frameCount).toBeGreaterThanOrEqual(1);
          end = caption.firstFrame + caption.frameCount;
        }
        expect(end).toBeLessThanOrEqual(10 + frameCount - 12);
      }),
    );
  });
});
