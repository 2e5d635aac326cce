import { expect, it } from "vitest";

import { assignAssets } from "../../../dist/assets/assign-assets.js";
import type { ClipAsset, PhotoAsset, SoundAsset } from "../../../dist/media/asset.js";
import { UnusableFile } from "../../../dist/assets/unusable-file.js";
import { KeepsakeError } from "../../../dist/errors.js";

const photo = { kind: "photo", path: "p", sha256: "1" } as PhotoAsset;
const otherPhoto = { kind: "photo", path: "q", sha256: "2" } as PhotoAsset;
const voice = { kind: "sound", path: "s", sha256: "3" } as SoundAsset;
const clip = { kind: "clip", path: "c", sha256: "4" } as ClipAsset;
const image = "content_image_url";
const audio = "content_audio_url";
const video = "content_video_url";

it("assigns each file by its column", () => {
  const results = [
    { field: image, outcome: photo },
    { field: audio, outcome: voice },
    { field: video, outcome: clip },
  ] as const;
  expect(assignAssets("m", results)).toEqual({ photo, voice, clip, problems: [] });
});

it("assigns a file of another kind than its column by its own kind", () => {
  const results = [
    { field: audio, outcome: clip },
    { field: video, outcome: photo },
  ] as const;
  expect(assignAssets("m", results)).toEqual({ photo, voice: null, clip, problems: [] });
});

it("prefers the file in the column of its kind, and shows the other one after it", () => {
  const results = [
    { field: audio, outcome: otherPhoto },
    { field: image, outcome: photo },
  ] as const;
  const assets = assignAssets("m", results);
  expect(assets.photo).toBe(photo);
  expect(assets.others).toEqual([otherPhoto]);
  expect(assets.problems).toEqual([]);
});

it("counts a file that a message names twice once", () => {
  const results = [
    { field: image, outcome: photo },
    { field: video, outcome: { ...photo } },
    { field: image, outcome: otherPhoto },
  ] as const;
  expect(assignAssets("m", results)).toEqual({
    photo,
    voice: null,
    clip: null,
    others: [otherPhoto],
    problems: [],
  });
});

it("reports the reason of a file that cannot be used", () => {
  const outcome = new KeepsakeError("media-damaged", "The photo is damaged.");
  expect(assignAssets("m", [{ field: image, outcome }]).problems).toEqual([
    { messageId: "m", field: image, code: "media-damaged", reason: "The photo is damaged." },
  ]);
});

it("assigns nothing to a message without media", () => {
  expect(assignAssets("m", [])).toEqual({ photo: null, voice: null, clip: null, problems: [] });
});

it("reports the lost part of a shown file: pictures with a card, sound without one", () => {
  const code = "media-codec-unsupported";
  const pictures = { part: "pictures", code, reason: "The pictures are lost." } as const;
  const sound = { part: "sound", code, reason: "The sound is lost." } as const;
  const results = [
    { field: video, outcome: voice, lost: pictures },
    { field: video, outcome: clip, lost: sound },
    // A message that names a file twice loses its pictures once.
    { field: audio, outcome: { ...voice }, lost: pictures },
  ] as const;
  const problems = assignAssets("m", results).problems.map(({ kind, reason }) => ({ kind, reason }));
  expect(problems).toEqual([
    { kind: null, reason: "The sound is lost." },
    { kind: "video", reason: "The pictures are lost." },
  ]);
});

it.each([
  ["photo", "photo"],
  ["voice", "voice"],
  ["video", "video"],
] as const)("names a rejected %s on the card, whatever its column", (seen, kind) => {
  const error = new UnusableFile(new KeepsakeError("media-kind-refused", "The file is of no use."), seen);
  for (const field of [image, audio, video] as const) {
    const [problem] = assignAssets("m", [{ field, outcome: error }]).problems;
    const column = { content_image_url: "photo", content_audio_url: "voice", content_video_url: "video" }[
      field
    ];
    expect(problem?.kind ?? column).toBe(kind);
  }
});
