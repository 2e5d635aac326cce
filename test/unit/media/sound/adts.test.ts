import fc from "fast-check";
import { expect, it } from "vitest";

import { adtsFrameBytes, adtsHeader, adtsHeaderBytes } from "../../../../dist/media/sound/adts.js";

it("reads back the size of every frame it writes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8191 - adtsHeaderBytes }), (payloadBytes) => {
      expect(adtsFrameBytes(adtsHeader(payloadBytes), 0)).toBe(payloadBytes + adtsHeaderBytes);
    }),
  );
});

it("refuses what is not a frame of ours", () => {
  expect(adtsFrameBytes(Buffer.from("not AAC at all"), 0)).toBeNull();
  expect(adtsFrameBytes(adtsHeader(100).subarray(0, 5), 0)).toBeNull();
  const mono = adtsHeader(100);
  mono[3] = 1 << 6;
  expect(adtsFrameBytes(mono, 0)).toBeNull();
});
