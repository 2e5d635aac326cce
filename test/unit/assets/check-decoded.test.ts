import { describe, expect, it } from "vitest";

import { checkDecoded } from "../../../dist/assets/check-decoded.js";

const sha256 = "ab".repeat(32);
const input = { path: "/films/1/ab.original", sha256, folder: "/films/1" };
const photo = {
  kind: "photo",
  path: `/films/1/${sha256}.rgb`,
  width: 64,
  height: 48,
  thumbnail: { path: `/films/1/${sha256}.thumbnail`, width: 64, height: 48 },
  sha256,
};
const sound = {
  kind: "sound",
  path: `/films/1/${sha256}.f32`,
  sampleCount: 48_000,
  speech: [{ firstSample: 0, endSample: 24_000 }],
  integratedLufs: -20.5,
  truePeakDbtp: -1.5,
  sha256,
};
const clip = {
  kind: "clip",
  path: input.path,
  demuxer: "mov",
  streamIndex: 0,
  width: 64,
  height: 48,
  mirrored: false,
  rotationDegrees: 90,
  transfer: "hlg",
  interlaced: false,
  keySeconds: 1,
  startSeconds: -0.04,
  durationSeconds: 6,
  loopSeconds: 2,
  background: "#ffffff",
  sound,
  sha256,
};

it.each([photo, sound, clip, { ...clip, sound: null }])("takes a $kind as it is", (asset) => {
  const answer = { asset, remarks: ["the file did not arrive whole"] };
  expect(checkDecoded(answer, input)).toEqual(answer);
});

describe("of a decoder that was taken over, refuses", () => {
  const lies: Record<string, unknown> = {
    nothing: null,
    "another kind": { ...photo, kind: "text" },
    "another file as a photo": { ...photo, path: "/etc/passwd" },
    "another file to be removed": { ...photo, thumbnail: { ...photo.thumbnail, path: "/films/2/key" } },
    "a way out of the folder": { ...sound, path: `/films/1/../2/${sha256}.f32` },
    "another film's clip": { ...clip, path: "/films/2/ab.original" },
    "another file as a clip's sound": { ...clip, sound: { ...sound, path: "/dev/zero" } },
    "another hash": { ...photo, sha256: "cd".repeat(32) },
    "a picture without end": { ...photo, width: 2 ** 40 },
    "a side that is no number": { ...photo, height: "48" },
    "half a sample": { ...sound, sampleCount: 0.5 },
    "sound without end": { ...sound, sampleCount: Number.MAX_SAFE_INTEGER },
    "loudness that is no number": { ...sound, integratedLufs: Number.NaN },
    "a clip without end": { ...clip, durationSeconds: Number.POSITIVE_INFINITY },
    "a clip that ends before it begins": { ...clip, durationSeconds: -1 },
    "a quarter of a turn": { ...clip, rotationDegrees: 22.5 },
    "a demuxer that takes options": { ...clip, demuxer: "concat:/etc/passwd" },
    "a colour that is none": { ...clip, background: "#fff'" },
  };
  it.each(Object.entries(lies))("%s", (_lie, asset) => {
    expect(() => checkDecoded({ asset, remarks: [] }, input)).toThrow(
      expect.objectContaining({ code: "media-preparation-crashed" }),
    );
  });

  it.each([undefined, "words", Array.from({ length: 1000 }, () => "words")])("its remarks", (remarks) => {
    expect(() => checkDecoded({ asset: photo, remarks }, input)).toThrow(
      expect.objectContaining({ code: "media-preparation-crashed" }),
    );
  });
});
