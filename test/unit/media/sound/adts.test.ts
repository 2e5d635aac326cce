import fc from "fast-check";
import { expect, it } from "vitest";

import {
  adtsFrameBytes,
  adtsHeader,
  adtsHeaderBytes,
  filmFrameBytes,
} from "../../../../dist/media/sound/adts.js";

it("adtsFrameBytes and filmFrameBytes read the size of every frame that adtsHeader writes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8191 - adtsHeaderBytes }), (payloadBytes) => {
      const header = adtsHeader(payloadBytes);
      expect(adtsFrameBytes(header, 0)).toBe(payloadBytes + adtsHeaderBytes);
      expect(filmFrameBytes(header, 0)).toBe(payloadBytes + adtsHeaderBytes);
    }),
  );
});

it("filmFrameBytes rejects what is not a whole header of the film's kind of AAC", () => {
  expect(filmFrameBytes(Buffer.from("not AAC at all"), 0)).toBeNull();
  expect(filmFrameBytes(adtsHeader(100).subarray(0, 5), 0)).toBeNull();
  const mono = adtsHeader(100);
  mono[3] = 1 << 6;
  expect(filmFrameBytes(mono, 0)).toBeNull();
  expect(adtsFrameBytes(mono, 0)).not.toBeNull();
});
