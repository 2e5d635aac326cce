import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fitSegments, type FitSpan, type FitTask } from "../../../../dist/film/sizing/fit-segments.js";

interface Segment extends FitSpan {
  /** Bytes of a frame at CRF 16. */
  readonly bytesPerFrame: number;
  /** Steps of CRF that halve its size. */
  readonly crfPerHalving: number;
}

const segment = fc.record({
  frameCount: fc.integer({ min: 30, max: 360 }),
  isStill: fc.boolean(),
  detail: fc.double({ min: 0.4, max: 2.5, noNaN: true }),
  crfPerHalving: fc.double({ min: 3.2, max: 4.6, noNaN: true }),
});
const films = fc.array(segment, { minLength: 4, maxLength: 80 }).map((segments) =>
  segments.map(({ detail, isStill, ...rest }): Segment => ({
    ...rest,
    isStill,
    bytesPerFrame: detail * (isStill ? 1_500 : 30_000),
  })),
);

function sizeOf({ frameCount, bytesPerFrame, crfPerHalving }: Segment, crf: number): number {
  return Math.ceil(frameCount * bytesPerFrame * 2 ** ((16 - crf) / crfPerHalving)) + 300;
}

function sizeAt(film: readonly Segment[], crf: number): number {
  return film.reduce((sum, one) => sum + sizeOf(one, crf), 0);
}

async function fit(film: readonly Segment[], pictureBytes: number, worstCrf = 51) {
  const asked: FitTask[] = [];
  const fitted = await fitSegments({
    spans: film,
    pictureBytes,
    bestCrf: 16,
    worstCrf,
    guessCrf: 16,
    encode: (tasks) => {
      asked.push(...tasks);
      return Promise.resolve(
        tasks.map(({ index, crf }) => ({ sizeBytes: sizeOf(film[index] as Segment, crf) })),
      );
    },
  });
  return { fitted, asked };
}

describe("fitSegments", () => {
  it("uses the requested quality where there is room", async () => {
    await fc.assert(
      fc.asyncProperty(films, fc.double({ min: 1, max: 9, noNaN: true }), async (film, room) => {
        const { fitted, asked } = await fit(film, sizeAt(film, 16) * room);
        if (room > 1.5) expect(new Set(fitted?.crfs)).toEqual(new Set([16]));
        expect(fitted?.sizeBytes).toBeLessThanOrEqual(sizeAt(film, 16) * room);
        if (room > 8) expect(asked).toHaveLength(film.length);
      }),
    );
  });

  it("ends at most 2 % under the limit", async () => {
    await fc.assert(
      fc.asyncProperty(films, fc.double({ min: 0.02, max: 0.95, noNaN: true }), async (film, share) => {
        const pictureBytes = Math.floor(sizeAt(film, 16) * share);
        fc.pre(pictureBytes > sizeAt(film, 44));
        const { fitted } = await fit(film, pictureBytes);
        expect(fitted?.sizeBytes).toBeLessThanOrEqual(pictureBytes);
        expect(fitted?.sizeBytes).toBeGreaterThanOrEqual(0.98 * pictureBytes);
        expect(Math.min(...(fitted?.crfs ?? []))).toBeGreaterThanOrEqual(16);
      }),
      { numRuns: 300 },
    );
  });

  it("encodes few segments of a long film twice", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(segment, { minLength: 40, maxLength: 80 }),
        fc.double({ min: 0.05, max: 0.9, noNaN: true }),
        async (segments, share) => {
          const film = segments.map((one): Segment => ({
            ...one,
            bytesPerFrame: one.isStill ? 1_500 : 30_000,
          }));
          const { fitted } = await fit(film, Math.floor(sizeAt(film, 16) * share));
          const frames = film.reduce((sum, { frameCount }) => sum + frameCount, 0);
          expect((fitted?.encodedFrames ?? Infinity) / frames).toBeLessThan(1.75);
        },
      ),
    );
  });

  it("gives up after the sample when the quality would be too low", async () => {
    const film = Array.from({ length: 60 }, (): Segment => ({
      frameCount: 100,
      isStill: false,
      bytesPerFrame: 30_000,
      crfPerHalving: 3.7,
    }));
    const { fitted, asked } = await fit(film, sizeAt(film, 36), 28);
    expect(fitted).toBeNull();
    expect(asked.length).toBeLessThanOrEqual(10);
  });

  it("makes the same decisions every time", async () => {
    await fc.assert(
      fc.asyncProperty(films, async (film) => {
        const pictureBytes = Math.floor(sizeAt(film, 20));
        expect((await fit(film, pictureBytes)).asked).toEqual((await fit(film, pictureBytes)).asked);
      }),
    );
  });
});
