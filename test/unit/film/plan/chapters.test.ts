import { describe, expect, it } from "vitest";

import type { SoundAsset } from "../../../../dist/media/asset.js";
import { chaptersOf, partTitle } from "../../../../dist/film/plan/chapters.js";
import type { Scene, SceneContent } from "../../../../dist/film/model/scene.js";
import { plainSettings } from "../../../plain-settings.js";

const fps = plainSettings.fps;
const content = {
  capsule: { id: "c", status: "closed", honoree: "Margaret", bornOn: null, diedOn: null, theme: null },
  messages: ["a", "b"].map((id) => ({
    id,
    contributorName: `Name ${id}`,
    submittedAt: null,
    text: null,
    imageReference: null,
    audioReference: null,
    videoReference: null,
    transcript: null,
  })),
};
const opening: SceneContent = { kind: "opening", honoree: "Margaret", dates: null, photo: null };
const closing: SceneContent = { kind: "closing", names: ["Name a"], columnCount: 1, endCard: null };
const words: SceneContent = {
  kind: "words",
  words: null,
  name: "Name b",
  pageNumber: 1,
  pageCount: 1,
  missing: [],
};

function voice(seconds: number, speech: SoundAsset["speech"]): SceneContent {
  return {
    kind: "voice",
    sound: {
      kind: "sound",
      path: "/s",
      sampleCount: seconds * 48_000,
      ...(speech === undefined ? {} : { speech }),
      integratedLufs: -20,
      truePeakDbtp: -3,
      sha256: "s",
    },
    soundFirstFrame: 0,
    soundFrameCount: seconds * fps,
    photo: null,
    words: null,
    name: "Name a",
    zoomsIn: true,
  };
}

function chapters(own: readonly (readonly [id: string, seconds: number, content: SceneContent])[]) {
  let firstFrame = 0;
  const scenes: Scene[] = [];
  for (const [id, seconds, shown] of [["", 5, opening], ...own, ["", 5, closing]] as const) {
    const messageId = id === "" ? null : id;
    scenes.push({
      id: `${id}-${scenes.length}`,
      messageId,
      firstFrame,
      frameCount: seconds * fps,
      content: shown,
    });
    firstFrame += seconds * fps;
  }
  return chaptersOf(scenes, firstFrame, content, plainSettings);
}

describe("chaptersOf", () => {
  it("gives a message of up to five minutes one chapter with its plain name", () => {
    const found = chapters([
      ["a", 300, voice(300, [])],
      ["b", 8, words],
    ]);
    expect(found.map(({ title }) => title)).toEqual(["Margaret", "Name a", "Name b", "With love from"]);
  });

  it("parts a voice of 40 minutes at its pauses into chapters of about five minutes, without gaps", () => {
    const speech = Array.from({ length: 60 }, (_, index) => ({
      firstSample: index * 40 * 48_000 + 7_000,
      endSample: (index * 40 + 38) * 48_000,
    }));
    const found = chapters([["a", 2400, voice(2400, speech)]]);
    const own = found.filter(({ messageId }) => messageId === "a");
    expect(own.map(({ title }) => title)).toEqual(
      Array.from({ length: 8 }, (_, part) => `Name a (${part + 1}/8)`),
    );
    const pauses = new Set(
      speech.map(({ firstSample }) => 5 * fps + Math.floor((firstSample * fps) / 48_000)),
    );
    for (const [part, { firstFrame, frameCount }] of own.entries()) {
      if (part > 0) expect(pauses).toContain(firstFrame);
      expect(frameCount / fps).toBeGreaterThan(200);
      expect(frameCount / fps).toBeLessThan(400);
    }
    let frame = 0;
    for (const { firstFrame, frameCount } of found) {
      expect(firstFrame).toBe(frame);
      frame += frameCount;
    }
    expect(frame).toBe(2410 * fps);
  });

  it("parts a voice without a pause where it must, and long words at a card", () => {
    const steady = chapters([["a", 620, voice(620, [{ firstSample: 0, endSample: 620 * 48_000 }])]]);
    expect(steady.filter(({ messageId }) => messageId === "a")).toHaveLength(3);
    const cards = chapters(Array.from({ length: 40 }, () => ["b", 20, words] as const));
    const starts = cards.filter(({ messageId }) => messageId === "b").map(({ firstFrame }) => firstFrame);
    expect(starts).toHaveLength(3);
    for (const firstFrame of starts) expect((firstFrame / fps - 5) % 20).toBe(0);
  });
});

describe("partTitle", () => {
  it("keeps the number, and 255 bytes, however long the name is", () => {
    expect(partTitle("Ana", 1, 1)).toBe("Ana");
    for (const name of ["Ana", "N".repeat(500), "नमस्ते ".repeat(80), "👨‍👩‍👧 ".repeat(60)]) {
      const title = partTitle(name, 12, 20);
      expect(title).toMatch(/ \(12\/20\)$/);
      expect(Buffer.byteLength(title)).toBeLessThanOrEqual(255);
      expect(title).not.toContain("\uFFFD");
    }
  });
});
