import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { ClipAsset, PhotoAsset, SoundAsset } from "../../../../dist/media/asset.js";
import type { Message } from "../../../../dist/capsule/content.js";
import type { FilmSettings } from "../../../../dist/film/model/film-settings.js";
import { planSegments } from "../../../../dist/film/segments/plan-segments.js";
import { createStoryboard } from "../../../../dist/film/plan/storyboard.js";
import { classic } from "../../../../dist/film/model/theme.js";
import { plainSettings } from "../../../plain-settings.js";

/** One message: its media, and the length of its sound or clip. */
interface Given {
  readonly id: number;
  readonly kind: "photo" | "words" | "voice" | "clip";
  readonly seconds: number;
}

const givenMessage = fc.record({
  id: fc.nat(1_000_000),
  kind: fc.constantFrom("photo", "words", "voice", "clip"),
  seconds: fc.integer({ min: 1, max: 60 }),
}) as fc.Arbitrary<Given>;
const capsules = fc.uniqueArray(givenMessage, { minLength: 3, maxLength: 20, selector: ({ id }) => id });

const photoOf = (id: number, folder: string): PhotoAsset => ({
  kind: "photo",
  path: `${folder}/${id}.rgb`,
  width: 400,
  height: 300,
  focus: { x: 0.5, y: 0.5 },
  sha256: `photo ${id}`,
});
const soundOf = ({ id, seconds }: Given, folder: string): SoundAsset => ({
  kind: "sound",
  path: `${folder}/${id}.f32`,
  sampleCount: seconds * 48_000,
  integratedLufs: -20,
  truePeakDbtp: -3,
  sha256: `sound ${id}`,
});
const clipOf = (given: Given, folder: string): ClipAsset => ({
  kind: "clip",
  path: `${folder}/${given.id}.original`,
  demuxer: "mov",
  streamIndex: 0,
  width: 1280,
  height: 720,
  mirrored: false,
  rotationDegrees: 0,
  transfer: "sdr",
  interlaced: false,
  startSeconds: 0,
  durationSeconds: given.seconds,
  sound: null,
  sha256: `clip ${given.id}`,
});

function storyboardOf(given: readonly Given[], folder = "/a") {
  const words = (id: number) => ({
    lines: [
      { text: `Words ${id}`, direction: "ltr" as const, paragraphStart: false, baselinePx: 60, hangPx: 0 },
    ],
    heightPx: 91,
    direction: "ltr" as const,
    fontSizePx: 66,
    lineHeightPx: 91,
    text: `Words ${id}`,
  });
  const messages = given.map(({ id }): Message => ({
    id: `message ${id}`,
    contributorName: `Name ${id}`,
    submittedAt: null,
    text: null,
    imageReference: null,
    audioReference: null,
    videoReference: null,
    transcript: null,
  }));
  return createStoryboard({
    content: {
      capsule: { id: "c", status: "closed", honoree: "Margaret", bornOn: null, diedOn: null, theme: null },
      messages,
    },
    assets: new Map(
      given.map((one) => [
        `message ${one.id}`,
        {
          photo: one.kind === "photo" ? photoOf(one.id, folder) : null,
          voice: one.kind === "voice" ? soundOf(one, folder) : null,
          clip: one.kind === "clip" ? clipOf(one, folder) : null,
          problems: [],
        },
      ]),
    ),
    words: new Map(
      given
        .filter(({ kind }) => kind === "words")
        .map(({ id }) => [`message ${id}`, { besidePhoto: null, cards: [words(id)] }]),
    ),
    recognised: new Map(),
    // The duration depends on the number of names on the page.
    namePages: [{ names: ["somebody"], columnCount: 1 }],
    settings: plainSettings,
  });
}

const keysOf = (given: readonly Given[], change: Partial<FilmSettings> = {}, folder = "/a") =>
  planSegments(storyboardOf(given, folder), { ...plainSettings, ...change }).map(
    ({ pictureKey }) => pictureKey,
  );
const newIn = (after: readonly string[], before: readonly string[]) =>
  after.filter((key) => !before.includes(key));

describe("planSegments", () => {
  it("covers the film, each segment counting frames from its own first", () => {
    fc.assert(
      fc.property(capsules, (given) => {
        const storyboard = storyboardOf(given);
        const segments = planSegments(storyboard, plainSettings);
        let filmFrame = 0;
        for (const [index, { plan, index: place }] of segments.entries()) {
          expect(place).toBe(index);
          expect(plan.firstFrame).toBe(0);
          const shown = storyboard.scenes.filter(
            ({ firstFrame, frameCount }) =>
              firstFrame < filmFrame + plan.frameCount && firstFrame + frameCount > filmFrame,
          );
          expect(plan.scenes.map(({ id, firstFrame }) => [id, firstFrame + filmFrame])).toEqual(
            shown.map(({ id, firstFrame }) => [id, firstFrame]),
          );
          filmFrame += plan.frameCount;
        }
        expect(filmFrame).toBe(storyboard.frameCount);
      }),
    );
  });

  it("fades only the first and last segments", () => {
    const segments = planSegments(
      storyboardOf([
        { id: 1, kind: "clip", seconds: 40 },
        { id: 2, kind: "words", seconds: 1 },
      ]),
      plainSettings,
    );
    const { fadeFromBlackFrames } = storyboardOf([{ id: 1, kind: "words", seconds: 1 }]);
    expect(segments.filter(({ plan }) => plan.fadeFromBlack !== null).map(({ index }) => index)).toEqual([0]);
    expect(segments[0]?.plan.fadeFromBlack).toEqual({ firstFrame: 0, frameCount: fadeFromBlackFrames });
    expect(segments.filter(({ plan }) => plan.fadeToBlack !== null).map(({ index }) => index)).toEqual([
      segments.length - 1,
    ]);
    const last = segments.at(-1)?.plan;
    expect((last?.fadeToBlack?.firstFrame ?? 0) + (last?.fadeToBlack?.frameCount ?? 0)).toBe(
      last?.frameCount,
    );
  });

  it("changes only the inserted message's segments and the one before them", () => {
    fc.assert(
      fc.property(capsules, givenMessage, fc.nat(), (given, added, place) => {
        fc.pre(given.every(({ id }) => id !== added.id) && given[0]?.kind === "photo");
        const index = 1 + (place % given.length);
        const after = given.toSpliced(index, 0, added);
        const own = new Set([`message ${added.id}`]);
        const made = planSegments(storyboardOf(after), plainSettings);
        const ofAdded = made.filter(({ plan }) =>
          plan.scenes.some(({ messageId }) => own.has(messageId ?? "")),
        );
        const before = keysOf(given);
        const unknown = newIn(
          made.map(({ pictureKey }) => pictureKey),
          before,
        );
        // Segments that show it: its own, one that dissolves into it, one that it dissolves into.
        expect(unknown.length).toBeLessThanOrEqual(ofAdded.length);
        expect(
          newIn(
            unknown,
            ofAdded.map(({ pictureKey }) => pictureKey),
          ),
        ).toEqual([]);
      }),
    );
  });

  it("does not depend on the paths of media", () => {
    fc.assert(
      fc.property(capsules, (given) => {
        expect(keysOf(given, {}, "/elsewhere")).toEqual(keysOf(given));
      }),
    );
  });

  const given: readonly Given[] = [
    { id: 1, kind: "photo", seconds: 1 },
    { id: 2, kind: "voice", seconds: 5 },
    { id: 3, kind: "clip", seconds: 12 },
  ];

  it.each([
    ["the size", { width: 1280, height: 720 }],
    ["the pace", { fps: 25 }],
    ["a colour of the theme", { theme: { ...classic, name: "other" } }],
  ] as const)("every segment is another one when %s changes", (_what, change) => {
    const before = keysOf(given);
    expect(newIn(keysOf(given, change), before)).toHaveLength(before.length);
  });

  it("ignores settings that pictures do not depend on", () => {
    expect(keysOf(given, { strict: true, quality: "archive", maxBytes: 1e9 })).toEqual(keysOf(given));
  });

  it.each([
    ["another photo", 0, { id: 9 }],
    ["a longer voice", 1, { seconds: 6 }],
    ["a longer clip", 2, { seconds: 13 }],
  ] as const)("%s makes segments new", (_what, index, change) => {
    const changed = given.with(index, { ...(given[index] as Given), ...change });
    expect(newIn(keysOf(changed), keysOf(given))).not.toEqual([]);
  });
});
