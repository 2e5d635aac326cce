import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { FrameSpan } from "../../../../dist/film/model/segments.js";
import { cutSegments } from "../../../../dist/film/segments/cut-segments.js";

/** Lays out scenes of these lengths, with neighbours overlapping by the dissolve. */
function timeline(frameCounts: readonly number[], dissolveFrames: number) {
  let firstFrame = 0;
  const scenes = frameCounts.map((frameCount) => {
    const scene = { firstFrame, frameCount };
    firstFrame += frameCount - dissolveFrames;
    return scene;
  });
  return { scenes, dissolveFrames, filmFrameCount: firstFrame + dissolveFrames };
}

const films = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 30 }),
    fc.integer({ min: 0, max: 60 }),
  )
  .map(([frameCounts, dissolveFrames]) =>
    timeline(
      frameCounts.map((frameCount) => frameCount + 2 * dissolveFrames),
      dissolveFrames,
    ),
  );

const ends = (spans: readonly FrameSpan[]): number[] =>
  spans.map((span) => span.firstFrame + span.frameCount);

describe("cutSegments", () => {
  test("cuts where a scene is first alone on screen, and long scenes every 300 frames", () => {
    expect(cutSegments(...args(timeline([120, 1000, 90], 24)))).toEqual([
      { firstFrame: 0, frameCount: 120 },
      { firstFrame: 120, frameCount: 300 },
      { firstFrame: 420, frameCount: 300 },
      { firstFrame: 720, frameCount: 300 },
      { firstFrame: 1020, frameCount: 76 },
      { firstFrame: 1096, frameCount: 66 },
    ]);
  });

  test("leaves no very short segments of a long scene", () => {
    expect(cutSegments(...args(timeline([359], 0)))).toEqual([{ firstFrame: 0, frameCount: 359 }]);
    expect(cutSegments(...args(timeline([360], 0)))).toEqual([
      { firstFrame: 0, frameCount: 300 },
      { firstFrame: 300, frameCount: 60 },
    ]);
  });

  test("covers any film exactly, with segments of 1 to 359 frames", () => {
    fc.assert(
      fc.property(films, (film) => {
        const segments = cutSegments(...args(film));
        let firstFrame = 0;
        for (const segment of segments) {
          expect(segment.firstFrame).toBe(firstFrame);
          expect(segment.frameCount).toBeGreaterThan(0);
          expect(segment.frameCount).toBeLessThan(360);
          firstFrame += segment.frameCount;
        }
        expect(firstFrame).toBe(film.filmFrameCount);
      }),
    );
  });

  test("covers a film with scenes shorter than their dissolves", () => {
    const anyScenes = fc.array(fc.record({ firstFrame: fc.nat(500), frameCount: fc.nat(500) }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(anyScenes, fc.nat(60), fc.nat(800), (scenes, dissolveFrames, filmFrameCount) => {
        const segments = cutSegments(scenes, { dissolveFrames, filmFrameCount });
        expect(segments.every(({ frameCount }) => frameCount > 0)).toBe(true);
        expect([0, ...ends(segments)].slice(0, segments.length)).toEqual(segments.map((s) => s.firstFrame));
        expect(segments.reduce((sum, { frameCount }) => sum + frameCount, 0)).toBe(filmFrameCount);
      }),
    );
  });

  test("changes only the inserted scene's segments and the one before it", () => {
    fc.assert(
      fc.property(films, fc.nat(), fc.integer({ min: 61, max: 900 }), (film, place, frameCount) => {
        const counts = film.scenes.map((scene) => scene.frameCount);
        const index = place % (counts.length + 1);
        const after = timeline(
          counts.toSpliced(index, 0, frameCount + 2 * film.dissolveFrames),
          film.dissolveFrames,
        );
        const shift = frameCount + film.dissolveFrames;
        const start = film.scenes[index]?.firstFrame ?? film.filmFrameCount;
        const before = ends(cutSegments(...args(film)));
        const kept = new Set(ends(cutSegments(...args(after))));
        // These are all cuts of scenes before the preceding scene, and all cuts after the start of the scene that
        // followed.
        const ahead = before.filter((end) => end < (film.scenes[index - 1]?.firstFrame ?? 0));
        const behind = index > 0 ? before.filter((end) => end > start + film.dissolveFrames) : [];
        expect([...ahead, ...behind.map((end) => end + shift)].filter((end) => !kept.has(end))).toEqual([]);
      }),
    );
  });
});

function args(film: ReturnType<typeof timeline>): Parameters<typeof cutSegments> {
  return [film.scenes, film];
}
