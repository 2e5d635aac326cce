import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { ClipAsset, MessageAssets, PhotoAsset, SoundAsset } from "../../../../dist/media/asset.js";
import type { Message } from "../../../../dist/capsule/content.js";
import { labelsByLanguage } from "../../../../dist/film/model/labels.js";
import { createStoryboard, datesOf, type StoryboardInput } from "../../../../dist/film/plan/storyboard.js";
import type { TextPage } from "../../../../dist/film/model/text-page.js";
import { plainSettings } from "../../../plain-settings.js";

const photo: PhotoAsset = {
  kind: "photo",
  path: "/p",
  width: 400,
  height: 300,
  focus: { x: 0.5, y: 0.5 },
  sha256: "a",
};
const sound = (sampleCount: number): SoundAsset => ({
  kind: "sound",
  path: "/s",
  sampleCount,
  integratedLufs: -20,
  truePeakDbtp: -3,
  sha256: "b",
});
const page = (text: string): TextPage => ({
  lines: [{ text, direction: "ltr", paragraphStart: false, baselinePx: 60, hangPx: 0 }],
  heightPx: 91,
  direction: "ltr",
  fontSizePx: 66,
  lineHeightPx: 91,
  text,
});

function message(id: string, over: Partial<Message> = {}): Message {
  return {
    id,
    contributorName: `Name ${id}`,
    submittedAt: null,
    text: null,
    imageReference: null,
    audioReference: null,
    videoReference: null,
    transcript: null,
    ...over,
  };
}

interface Given {
  readonly message: Message;
  readonly assets?: Partial<MessageAssets>;
  readonly beside?: string;
  readonly cards?: readonly string[];
}

function storyboardOf(given: readonly Given[], fps = 30) {
  const input: StoryboardInput = {
    content: {
      capsule: { id: "c", status: "closed", honoree: "Margaret", bornOn: null, diedOn: null, theme: null },
      messages: given.map((one) => one.message),
    },
    assets: new Map(
      given.map((one) => [
        one.message.id,
        { photo: null, voice: null, clip: null, problems: [], ...one.assets },
      ]),
    ),
    words: new Map(
      given.map((one) => [
        one.message.id,
        {
          besidePhoto: one.beside === undefined ? null : page(one.beside),
          cards: (one.cards ?? []).map(page),
        },
      ]),
    ),
    recognised: new Map(),
    namePages: [{ names: ["A"], columnCount: 1 }],
    settings: { ...plainSettings, fps },
  };
  return createStoryboard(input);
}

describe("createStoryboard", () => {
  it("opens, shows each message in order, and closes", () => {
    const { scenes } = storyboardOf([
      { message: message("1"), assets: { photo } },
      { message: message("2"), cards: ["Words."] },
      { message: message("3"), assets: { voice: sound(48_000) } },
    ]);
    expect(scenes.map((scene) => [scene.messageId, scene.content.kind])).toEqual([
      [null, "opening"],
      ["1", "photo"],
      ["2", "words"],
      ["3", "voice"],
      [null, "closing"],
      [null, "closing"],
    ]);
  });

  it("travels along a scrolled screenshot in the time of reading it, with words and voice after it", () => {
    const chat: PhotoAsset = { ...photo, width: 1080, height: 12_000, writtenWords: 900 };
    const { scenes } = storyboardOf([
      {
        message: message("1"),
        assets: { photo: chat, voice: sound(96_000) },
        beside: "Words that would stand beside a photo.",
        cards: ["Words that would stand beside a photo."],
      },
    ]);
    const [, shown, words, heard] = scenes;
    expect(scenes.slice(1, 4).map(({ id }) => id)).toEqual(["1-photo", "1-words-1", "1-voice"]);
    expect(shown?.content).toMatchObject({ kind: "photo", words: null });
    // 900 words at 3.75 per second, between two dissolves.
    expect(shown?.frameCount).toBe((900 / 3.75) * 30 + 48);
    expect(words?.content.kind).toBe("words");
    expect(heard?.content).toMatchObject({ kind: "voice", photo: null });
  });

  it("plays a voice while the camera travels along a panorama", () => {
    const panorama: PhotoAsset = { ...photo, width: 8640, height: 1080 };
    const { scenes } = storyboardOf([
      { message: message("1"), assets: { photo: panorama, voice: sound(96_000) } },
    ]);
    expect(scenes[1]?.content).toMatchObject({ kind: "voice", photo: panorama });
    expect(scenes[1]?.frameCount).toBe(4 * 9 * 30 + 48);
    expect(scenes[2]?.content.kind).toBe("closing");
  });

  it("shows all files of a message, those of one kind after each other", () => {
    const clip = {
      kind: "clip",
      path: "/c",
      width: 640,
      height: 360,
      durationSeconds: 2,
      sound: null,
      sha256: "c",
    } as ClipAsset;
    const spoken = { ...sound(48_000), path: "/s2", sha256: "d" };
    const others = [
      { ...clip, sha256: "e", sound: { ...spoken, path: "/s3" } },
      spoken,
      { ...photo, sha256: "f" },
    ];
    const given = {
      message: message("1", { transcript: "Said once." }),
      assets: { photo, voice: sound(48_000), clip, others },
      cards: ["Words."],
    };
    const { scenes, soundCues, captions, chapters } = storyboardOf([given]);
    const ofMessage = scenes.filter(({ messageId }) => messageId === "1");
    expect(ofMessage.map(({ id }) => id)).toEqual([
      "1-words-1",
      "1-voice",
      "1-photo-2",
      "1-voice-2",
      "1-clip",
      "1-clip-2",
    ]);
    expect(soundCues.map((cue) => cue.sound.path)).toEqual(["/s", "/s2", "/s3"]);
    expect(captions.filter(({ text }) => text.includes("Said once.")).length).toBe(1);
    expect(chapters.length).toBe(3);
    const withoutVoice = storyboardOf([{ ...given, assets: { photo, others: [{ ...photo, sha256: "f" }] } }]);
    expect(withoutVoice.scenes.map(({ id }) => id)).toEqual([
      "opening",
      "1-photo",
      "1-photo-2",
      "1-words-1",
      "closing-1",
      "end",
    ]);
  });

  it("says on a card what a missing file is, where that is known", () => {
    const problem = {
      messageId: "1",
      field: "content_video_url",
      code: "media-damaged",
      reason: "",
    } as const;
    const missingOf = (kind?: "photo") => {
      const problems = [{ ...problem, ...(kind === undefined ? {} : { kind }) }];
      const { scenes } = storyboardOf([{ message: message("1"), assets: { problems } }]);
      return scenes.flatMap(({ content }) => (content.kind === "words" ? content.missing : []));
    };
    expect(missingOf()).toEqual(["video"]);
    expect(missingOf("photo")).toEqual(["photo"]);
  });

  it("makes one scene of a photo, its words and its voice", () => {
    const { scenes } = storyboardOf([
      {
        message: message("1"),
        assets: { photo, voice: sound(96_000) },
        beside: "Few words.",
        cards: ["Few words."],
      },
    ]);
    const own = scenes.filter((scene) => scene.messageId === "1");
    expect(own).toHaveLength(1);
    expect(own[0]?.content).toMatchObject({ kind: "voice", photo, words: { text: "Few words." } });
  });

  it("puts words that do not fit beside a photo on cards after it, numbered", () => {
    const { scenes } = storyboardOf([{ message: message("1"), assets: { photo }, cards: ["One.", "Two."] }]);
    const own = scenes.filter((scene) => scene.messageId === "1").map((scene) => scene.content);
    expect(own.map((content) => content.kind)).toEqual(["photo", "words", "words"]);
    expect(own[2]).toMatchObject({ pageNumber: 2, pageCount: 2 });
  });

  it("shows a name of 500 characters for as long as it takes to read, and a usual one no longer than others", () => {
    const long = "The nurses and porters of the night shift ".repeat(12).slice(0, 500);
    const secondsOf = (given: Omit<Given, "message">, contributorName: string, index: number) => {
      const { scenes } = storyboardOf([{ ...given, message: message("1", { contributorName }) }]);
      const own = scenes.filter(({ messageId }) => messageId === "1")[index];
      return (own?.frameCount ?? 0) / 30 - 1.6;
    };
    const problem = { messageId: "1", field: "content_image_url", code: "x", reason: "y" } as const;
    const kinds: readonly [Omit<Given, "message">, number][] = [
      [{ cards: ["Few words."] }, 4],
      [{ assets: { photo } }, 6],
      [{ assets: { photo }, beside: "Few words." }, 6],
      [{ assets: { voice: sound(48_000) } }, 4],
      [{ assets: { problems: [problem] } }, 4],
    ];
    for (const [given, usual] of kinds) {
      expect(secondsOf(given, "Margarethe Lindqvist", 0)).toBeCloseTo(usual, 1);
      expect(secondsOf(given, long, 0)).toBeGreaterThan(34);
    }
    // One occurrence is enough.
    expect(secondsOf({ cards: ["Few words.", "More words."] }, long, 1)).toBeCloseTo(4, 1);
  });

  it("keeps the place of a message whose photo could not be included", () => {
    const problem = { messageId: "1", field: "content_image_url", code: "x", reason: "y" } as const;
    const lone = storyboardOf([{ message: message("1"), assets: { problems: [problem] } }]);
    expect(lone.scenes[1]?.content).toMatchObject({
      kind: "words",
      words: null,
      missing: ["photo"],
      name: "Name 1",
    });
    const withWords = storyboardOf([
      { message: message("1"), assets: { problems: [problem] }, cards: ["a", "b"] },
    ]);
    expect(withWords.scenes[1]?.content).toMatchObject({ missing: [] });
    expect(withWords.scenes[2]?.content).toMatchObject({ missing: ["photo"] });
  });

  it("starts a voice exactly where its waveform starts, in whole samples", () => {
    const { scenes, soundCues } = storyboardOf([{ message: message("1"), assets: { voice: sound(48_001) } }]);
    const scene = scenes[1];
    if (scene?.content.kind !== "voice") throw new Error("expected a voice");
    expect(scene.content.soundFrameCount).toBe(31);
    expect(soundCues[0]?.firstSample).toBe((scene.firstFrame + scene.content.soundFirstFrame) * 1600);
    const soundEnd = scene.content.soundFirstFrame + scene.content.soundFrameCount;
    expect(soundEnd + 24).toBeLessThanOrEqual(scene.frameCount);
  });

  it("leaves words on screen for at least four seconds and 2.5 words a second", () => {
    const visible = (text: string) =>
      (storyboardOf([{ message: message("1"), cards: [text] }]).scenes[1]?.frameCount ?? 0) - 48;
    expect(visible("Short.")).toBe(120);
    expect(visible("word ".repeat(50))).toBe(600);
    expect(visible("字".repeat(50))).toBe(300);
  });

  it("has chapters that tile the film, one for each message", () => {
    const board = storyboardOf([
      { message: message("1"), assets: { photo }, cards: ["One.", "Two."] },
      { message: message("2", { contributorName: null }), cards: ["x"] },
    ]);
    expect(board.chapters.map((chapter) => chapter.title)).toEqual([
      "Margaret",
      "Name 1",
      "A message",
      "With love from",
    ]);
    let next = 0;
    for (const chapter of board.chapters) {
      expect(chapter.firstFrame).toBe(next);
      next += chapter.frameCount;
    }
    expect(next).toBe(board.frameCount);
  });

  it("overlaps neighbours by exactly one dissolve and never three scenes, whatever the messages", () => {
    const anyMessage = fc.record({
      photo: fc.boolean(),
      voice: fc.option(fc.integer({ min: 1, max: 48_000 * 20 })),
      cards: fc.array(fc.string({ maxLength: 300 }), { maxLength: 3 }),
      fps: fc.constantFrom(25, 30, 60),
    });
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 12 }), fc.constantFrom(25, 30, 60), (list, fps) => {
        const board = storyboardOf(
          list.map((one, index) => ({
            message: message(String(index)),
            assets: { photo: one.photo ? photo : null, voice: one.voice === null ? null : sound(one.voice) },
            cards: one.cards,
          })),
          fps,
        );
        let covered = 0;
        for (const [index, scene] of board.scenes.entries()) {
          expect(scene.firstFrame).toBe(index === 0 ? 0 : covered - board.dissolveFrames);
          expect(scene.frameCount).toBeGreaterThan(2 * board.dissolveFrames);
          covered = scene.firstFrame + scene.frameCount;
        }
        expect(covered).toBe(board.frameCount);
      }),
    );
  });
});

describe("datesOf", () => {
  it("shows the years that are known, one of them alone in the theme's words", () => {
    const capsule = { id: "c", status: "closed", honoree: null, theme: null };
    const labels = { ...labelsByLanguage.en, diedIn: "توفي عام {year}" };
    expect(datesOf({ ...capsule, bornOn: "1938-02-01", diedOn: "2026-05-05" }, labels)).toBe("1938 – 2026");
    expect(datesOf({ ...capsule, bornOn: null, diedOn: "2026-05-05" }, labels)).toBe("توفي عام 2026");
    expect(datesOf({ ...capsule, bornOn: "1938-02-01", diedOn: null }, labels)).toBe("Born 1938");
    expect(datesOf({ ...capsule, bornOn: null, diedOn: null }, labels)).toBeNull();
  });
});
