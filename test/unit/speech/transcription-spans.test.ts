import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { transcriptionSpans } from "../../../dist/speech/transcription-spans.js";

const span = (from: number, to: number) => ({ firstSample: from * 48_000, endSample: to * 48_000 });

describe("transcriptionSpans", () => {
  it("joins sentences and leaves out long silence", () => {
    expect(transcriptionSpans([span(0, 4), span(5, 8), span(20, 22)])).toEqual([span(0, 8), span(20, 22)]);
  });

  it("begins another range when one would be longer than a model processes", () => {
    expect(transcriptionSpans([span(0, 20), span(21, 35)])).toEqual([span(0, 20), span(21, 35)]);
  });

  it("cuts long speech without a pause, and loses none of it", () => {
    const lengths = fc.array(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 6 })));
    fc.assert(
      fc.property(lengths, (pieces) => {
        let at = 0;
        const speech = pieces.map(([length, pause]) => {
          const piece = span(at, at + length);
          at += length + pause;
          return piece;
        });
        const heard = transcriptionSpans(speech);
        expect(heard.every(({ firstSample, endSample }) => endSample - firstSample <= 29 * 48_000)).toBe(
          true,
        );
        for (const [index, each] of heard.slice(1).entries()) {
          expect(each.firstSample).toBeGreaterThanOrEqual(heard[index]?.endSample ?? 0);
        }
        for (const { firstSample, endSample } of speech) {
          const covered = heard
            .map((each) => Math.min(each.endSample, endSample) - Math.max(each.firstSample, firstSample))
            .filter((length) => length > 0)
            .reduce((sum, length) => sum + length, 0);
          expect(covered).toBe(endSample - firstSample);
        }
      }),
    );
  });
});
