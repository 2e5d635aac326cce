import { describe, expect, it } from "vitest";

import type { MessageAssets } from "../../../../dist/media/asset.js";
import type { Message } from "../../../../dist/capsule/content.js";
import { planInspection, type InspectionPlan } from "../../../../dist/film/inspection/inspection-plan.js";
import { inspectMessages } from "../../../../dist/film/inspection/inspect-messages.js";
import type { Scene, SceneContent } from "../../../../dist/film/model/scene.js";
import { classic } from "../../../../dist/film/model/theme.js";

const photo = {
  kind: "photo",
  path: "p",
  width: 4000,
  height: 3000,
  focus: { x: 0.5, y: 0.5 },
  sha256: "",
} as const;
const sound = {
  kind: "sound",
  path: "s",
  sampleCount: 96_000,
  integratedLufs: -20,
  truePeakDbtp: -3,
  sha256: "",
} as const;

function scene(messageId: string | null, id: string, firstFrame: number, content: unknown): Scene {
  return { id, messageId, firstFrame, frameCount: 200, content: content as SceneContent };
}

function message(id: string, contributorName: string | null, text: string | null): Message {
  return {
    id,
    contributorName,
    submittedAt: null,
    text,
    imageReference: null,
    audioReference: null,
    videoReference: null,
    transcript: null,
  };
}

const words = { text: "Always five minutes fast" };
const settings = {
  width: 1280,
  height: 720,
  fps: 25,
  quality: "draft",
  theme: classic,
  honoree: null,
  maxSeconds: 43_200,
  strict: false,
} as never;
const none: MessageAssets = { photo: null, voice: null, clip: null, problems: [] };

function plan(): InspectionPlan {
  return planInspection({
    content: {
      capsule: { honoree: "Henrik", diedOn: "2026-01-19" } as never,
      messages: [message("a", "Ana", "Always five minutes\nfast."), message("b", null, null)],
    },
    assets: new Map([
      ["a", { ...none, photo }],
      ["b", { ...none, voice: sound }],
    ]),
    storyboard: {
      frameCount: 1000,
      dissolveFrames: 20,
      fadeFromBlackFrames: 25,
      fadeToBlackFrames: 40,
      scenes: [
        scene(null, "opening", 0, { kind: "opening", honoree: "Henrik" }),
        scene("a", "a-photo", 180, { kind: "photo", photo, name: "Ana", words: null }),
        scene("a", "a-words-1", 360, { kind: "words", words, name: "Ana" }),
        scene("b", "b-voice", 540, { kind: "voice", sound, photo: null, name: null, words }),
        scene(null, "end", 720, {
          kind: "closing",
          names: [],
          columnCount: 1,
          endCard: { honoree: "Henrik" },
        }),
      ],
      chapters: [
        { messageId: null, title: "Henrik", firstFrame: 0, frameCount: 180 },
        { messageId: "a", title: "Ana", firstFrame: 180, frameCount: 360 },
        { messageId: "b", title: "A message", firstFrame: 540, frameCount: 460 },
      ],
      soundCues: [{ messageId: "b", sound, firstSample: 1_075_200 }],
      captions: [
        { firstFrame: 370, frameCount: 90, text: "Always five", speaker: null },
        { firstFrame: 460, frameCount: 90, text: "minutes fast", speaker: null },
      ],
    },
    settings,
    loudness: null,
    levels: [{ gainDb: 40, filmLufs: -16, levelled: true, fadeInSamples: 19_200, fadeOutSamples: 0 }],
  });
}

function inspect(change: Partial<InspectionPlan> = {}, texts: Partial<InspectionPlan> = {}): void {
  const planned = { ...plan(), ...change };
  const { chapters, captions } = { ...planned, ...texts };
  inspectMessages(planned, { chapters, captions });
}

describe("planInspection", () => {
  it("plans what the storyboard and the capsule define", () => {
    const { messages, scenes, chapters, captions, cues, fades, ...rest } = plan();
    expect(rest).toEqual({
      width: 1280,
      height: 720,
      fps: 25,
      frameCount: 1000,
      samplesPerFrame: 1920,
      title: "Henrik",
      date: "2026-01-19",
      loudness: null,
    });
    expect(chapters[1]).toEqual({ firstFrame: 180, frameCount: 360, text: "Ana" });
    expect(captions[0]).toEqual({ firstFrame: 370, frameCount: 90, text: "Always five" });
    expect(fades).toEqual([
      { firstFrame: 0, frameCount: 25 },
      { firstFrame: 960, frameCount: 40 },
    ]);
    expect(cues).toEqual([
      {
        messageId: "b",
        path: "s",
        firstSample: 1_075_200,
        sampleCount: 96_000,
        isAudible: true,
        fileLevels: null,
        fadeInSamples: 19_200,
        fadeOutSamples: 0,
      },
    ]);
    expect(messages.map(({ media, sounds }) => [media, sounds])).toEqual([
      [["photo"], []],
      [["voice"], ["s"]],
    ]);
    expect(scenes.map(({ shows, showsText }) => [shows, showsText])).toEqual([
      [[], true],
      [["photo"], false],
      [[], true],
      [["voice"], true],
      [[], true],
    ]);
  });
});

describe("inspectMessages", () => {
  it("accepts a film with every message complete", () => expect(() => inspect()).not.toThrow());

  const { scenes, chapters, captions, messages, cues } = plan();
  it.each<[string, Partial<InspectionPlan>, Partial<InspectionPlan>]>([
    ["has no scene", { scenes: scenes.filter(({ messageId }) => messageId !== "b") }, {}],
    ["its photo is in no scene", { scenes: scenes.filter(({ id }) => id !== "a-photo") }, {}],
    [
      "another message comes between",
      { scenes: [1, 3, 2].map((index) => scenes[index] as (typeof scenes)[0]) },
      {},
    ],
    ["it comes before", { messages: messages.toReversed() }, {}],
    ["no chapter begins", {}, { chapters: chapters.slice(0, 2) }],
    ["has another name", {}, { chapters: chapters.map((chapter) => ({ ...chapter, text: "Ben" })) }],
    ["one of its sounds is not in the film", { cues: [] }, {}],
    ["one of its sounds is not in the film", { cues: cues.map((cue) => ({ ...cue, path: "other" })) }, {}],
    ["its words are not in the captions", {}, { captions: captions.slice(0, 1) }],
    ["its words are not in the captions", {}, { captions: captions.toReversed() }],
  ])("reports that %s", (why, change, texts) => {
    expect(() => inspect(change, texts)).toThrow(why);
  });
});
