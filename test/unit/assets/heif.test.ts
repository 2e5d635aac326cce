import sharp from "sharp";
import { expect, it } from "vitest";

import { embedIccProfile } from "../../../dist/assets/embed-icc-profile.js";
import { isWholeHeif, readHeifColour } from "../../../dist/assets/heif-boxes.js";

function box(type: string, ...content: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + content.reduce((sum, { length }) => sum + length, 0));
  header.write(type, 4, "latin1");
  return Buffer.concat([header, ...content]);
}

const colour = (...properties: readonly Buffer[]) =>
  Buffer.concat([
    box("ftyp", Buffer.from("heic\0\0\0\0heic", "latin1")),
    box("meta", Buffer.alloc(4), box("hdlr", Buffer.alloc(20)), box("iprp", box("ipco", ...properties))),
    box("mdat", Buffer.alloc(100)),
  ]);

const nclx = (primaries: number) =>
  box("colr", Buffer.from("nclx", "latin1"), Buffer.from([0, primaries, 0, 13, 0, 6, 128]));

it("finds a file's colour profile and its primaries", () => {
  const profile = Buffer.from("a profile");
  const icc = box("colr", Buffer.from("prof", "latin1"), profile);
  expect(readHeifColour(colour(box("ispe", Buffer.alloc(12)), icc, nclx(12)))).toEqual({
    iccProfile: profile,
    primaries: 12,
  });
  expect(readHeifColour(colour(nclx(1)))).toEqual({ iccProfile: null, primaries: 1 });
  expect(readHeifColour(colour())).toEqual({ iccProfile: null, primaries: null });
});

it("knows a file that was cut inside a box", () => {
  const file = colour(nclx(1));
  expect(isWholeHeif(file)).toBe(true);
  const metaStart = 20;
  const mdatStart = file.length - 108;
  for (let length = metaStart + 8; length < file.length; length += 1) {
    const cut = file.subarray(0, length);
    // Between two boxes nothing is missing that could be known.
    const between = length >= mdatStart && length < mdatStart + 8;
    expect([length, isWholeHeif(cut)]).toEqual([length, between]);
    expect(() => readHeifColour(cut)).not.toThrow();
  }
});

it("gives a PNG a profile that sharp converts from", async () => {
  const pixel = (background: string) =>
    sharp({ create: { width: 8, height: 8, channels: 3, background } }).png();
  const displayP3 = (await sharp(await pixel("black").withIccProfile("p3").toBuffer()).metadata()).icc;
  if (displayP3 === undefined) throw new Error("sharp brings no Display P3");
  const tagged = embedIccProfile(await pixel("#c86432").toBuffer(), displayP3);
  expect((await sharp(tagged).metadata()).icc?.equals(displayP3)).toBe(true);
  const converted = await sharp(tagged).toColourspace("srgb").raw().toBuffer();
  // Display P3 (200, 100, 50) is more saturated in sRGB: about (216, 95, 34).
  const [r = 0, g = 0, b = 0] = converted;
  expect(r).toBeGreaterThan(208);
  expect(g).toBeLessThan(99);
  expect(b).toBeLessThan(45);
});
