import { describe, expect, test } from "vitest";

import { lightAt, scenesAt } from "../../../../dist/film/paint/mix-at.js";

const scenes = [
  { id: "a", firstFrame: 0, frameCount: 100 },
  { id: "b", firstFrame: 76, frameCount: 100 },
];

describe("scenesAt", () => {
  test("returns one scene alone, and two in a dissolve with the later one on top", () => {
    const shown = (frame: number) => scenesAt(scenes, 24, frame).map(({ scene }) => scene.id);
    expect(shown(0)).toEqual(["a"]);
    expect(shown(75)).toEqual(["a"]);
    expect(shown(76)).toEqual(["a", "b"]);
    expect(shown(99)).toEqual(["a", "b"]);
    expect(shown(100)).toEqual(["b"]);
    expect(shown(176)).toEqual([]);
  });

  test("raises the weight from nearly 0 to nearly 1, symmetrically", () => {
    const weights = Array.from(
      { length: 24 },
      (_, i) => scenesAt(scenes, 24, 76 + i)[1]?.weight ?? Number.NaN,
    );
    expect(weights[0]).toBeGreaterThan(0.001);
    expect(weights.at(-1)).toBeLessThan(0.999);
    weights.slice(1).forEach((weight, i) => expect(weight).toBeGreaterThan(weights[i] ?? 1));
    weights.forEach((weight, i) => expect(weight + (weights[23 - i] ?? 0)).toBeCloseTo(1, 9));
  });

  test("cuts between scenes without a dissolve", () => {
    const cut = [scenes[0], { id: "c", firstFrame: 100, frameCount: 5 }].flatMap((scene) => scene ?? []);
    expect(scenesAt(cut, 0, 99).map(({ scene }) => scene.id)).toEqual(["a"]);
    expect(scenesAt(cut, 0, 100)).toEqual([{ scene: cut[1], weight: 1 }]);
  });
});

describe("lightAt", () => {
  const film = {
    fadeFromBlack: { firstFrame: 0, frameCount: 30 },
    fadeToBlack: { firstFrame: 555, frameCount: 45 },
  };

  test("returns no light in the first and last frame, and full light between the fades", () => {
    expect(lightAt(film, 0)).toBe(0);
    expect(lightAt(film, 599)).toBe(0);
    for (let frame = 30; frame <= 554; frame += 1) expect(lightAt(film, frame)).toBe(1);
    for (let frame = 1; frame < 30; frame += 1)
      expect(lightAt(film, frame)).toBeGreaterThan(lightAt(film, frame - 1));
    for (let frame = 556; frame < 600; frame += 1)
      expect(lightAt(film, frame)).toBeLessThan(lightAt(film, frame - 1));
  });

  test("does not depend on the frame from which frames are counted", () => {
    const shifted = {
      fadeFromBlack: { firstFrame: -20, frameCount: 30 },
      fadeToBlack: { firstFrame: 535, frameCount: 45 },
    };
    for (const frame of [20, 25, 300, 580, 599])
      expect(lightAt(shifted, frame - 20)).toBe(lightAt(film, frame));
  });

  test("returns full light without fades", () => {
    const bright = { fadeFromBlack: null, fadeToBlack: null };
    expect([lightAt(bright, 0), lightAt(bright, 9)]).toEqual([1, 1]);
  });
});
