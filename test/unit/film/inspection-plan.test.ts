import { expect, it } from "vitest";

import { planInspection } from "../../../dist/film/inspection-plan.js";
import type { Scene, SceneContent } from "../../../dist/film/scene.js";
import { classic } from "../../../dist/film/theme.js";

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
const silence = { ...sound, integratedLufs: null, truePeakDbtp: null };
const page = { text: "words" } as never;

function scene(id: string, firstFrame: number, content: SceneContent): Scene {
  return { id, messageId: id, firstFrame, frameCount: 200, content };
}

it("expects of a film what its storyboard says", () => {
  const photoContent = { kind: "photo", photo, name: "Ana", words: null, ordinal: 1 } as const;
  const storyboard = {
    frameCount: 900,
    dissolveFrames: 24,
    fadeFromBlackFrames: 30,
    fadeToBlackFrames: 45,
    scenes: [
      scene("opening", 0, { kind: "opening", honoree: "Ana", dates: null, photo }),
      scene("drifting", 176, photoContent),
      scene("unnamed", 352, { ...photoContent, name: null }),
      scene("with-words", 528, { ...photoContent, words: page }),
      scene("clip", 700, {
        kind: "clip",
        clip: {} as never,
        clipFirstFrame: 0,
        clipFrameCount: 200,
        name: "Ben",
      }),
    ],
    chapters: [{ messageId: null, title: "Ana", firstFrame: 0, frameCount: 900 }],
    soundCues: [
      { messageId: "a", sound, firstSample: 320_000 },
      { messageId: "b", sound: silence, firstSample: 640_000 },
    ],
    captions: [],
  };
  const settings = {
    width: 1280,
    height: 720,
    fps: 25,
    quality: "draft",
    theme: classic,
    maxBytes: null,
    honoree: null,
    recogniser: null,
    captionLanguage: "und",
    strict: false,
  } as const;
  expect(planInspection(storyboard, settings, true)).toEqual({
    width: 1280,
    height: 720,
    fps: 25,
    frameCount: 900,
    samplesPerFrame: 1920,
    chapters: [{ title: "Ana", firstFrame: 0, frameCount: 900 }],
    hasCaptions: false,
    blackRanges: [
      { firstFrame: 0, frameCount: 30 },
      { firstFrame: 855, frameCount: 45 },
      { firstFrame: 352, frameCount: 200 },
      { firstFrame: 700, frameCount: 200 },
    ],
    stillRanges: [
      { firstFrame: 0, frameCount: 200 },
      { firstFrame: 528, frameCount: 200 },
      { firstFrame: 700, frameCount: 200 },
    ],
    soundRanges: [{ firstSample: 320_000, sampleCount: 96_000 }],
    levelled: true,
  });
});
