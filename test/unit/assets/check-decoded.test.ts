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

it.each([photo, sound, clip, { ...clip, sound: null }])(
  "accepts a possible result unchanged: $kind",
  (asset) => {
    const answer = { asset, remarks: ["the file did not arrive completely"] };
    expect(checkDecoded(answer, input)).toEqual(answer);
  },
);

describe("rejects the result of a compromised decoder", () => {
  const lies: Record<string, unknown> = {
    nothing: null,
    "another kind": { ...photo, kind: "text" },
    "another file as a photo": { ...photo, path: "/etc/passwd" },
    "another file that would be removed": {
      ...photo,
      thumbnail: { ...photo.thumbnail, path: "/films/2/key" },
    },
    "a path out of the folder": { ...sound, path: `/films/1/../2/${sha256}.f32` },
    "another film's clip": { ...clip, path: "/films/2/ab.original" },
    "another file as a clip's sound": { ...clip, sound: { ...sound, path: "/dev/zero" } },
    "another hash": { ...photo, sha256: "cd".repeat(32) },
    "a picture of endless width": { ...photo, width: 2 ** 40 },
    "a side that is not a number": { ...photo, height: "48" },
    "half a sample": { ...sound, sampleCount: 0.5 },
    "an endless sound": { ...sound, sampleCount: Number.MAX_SAFE_INTEGER },
    "loudness that is not a number": { ...sound, integratedLufs: Number.NaN },
    "an endless clip": { ...clip, durationSeconds: Number.POSITIVE_INFINITY },
    "a clip that ends before it begins": { ...clip, durationSeconds: -1 },
    "a rotation by 22.5 degrees": { ...clip, rotationDegrees: 22.5 },
    "a demuxer with options": { ...clip, demuxer: "concat:/etc/passwd" },
    "an invalid colour": { ...clip, background: "#fff'" },
  };
  it.each(Object.entries(lies))("rejects an impossible asset: %s", (_lie, asset) => {
    expect(() => checkDecoded({ asset, remarks: [] }, input)).toThrow(
      expect.objectContaining({ code: "media-preparation-crashed" }),
    );
  });

  it.each([undefined, "words", Array.from({ length: 1000 }, () => "words")])(
    "rejects impossible remarks: %j",
    (remarks) => {
      expect(() => checkDecoded({ asset: photo, remarks }, input)).toThrow(
        expect.objectContaining({ code: "media-preparation-crashed" }),
      );
    },
  );
});
