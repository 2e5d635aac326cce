import { expect, it } from "vitest";

import { isMediaPlace } from "../../../../dist/assets/fetch/media-places.js";
import { suggestPlaces } from "../../../../dist/assets/fetch/suggest-places.js";
import type { BucketAccess } from "../../../../dist/http/object-reader.js";

const one = "5f0c7a52-1111-4a54-9d0b-6d1f3d4c9a10";
const other = "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d";
const access = new Map<string, BucketAccess | null>([
  ["media", "private"],
  ["voices", "private"],
  ["it's", "private"],
  ["a,b", "private"],
  [one, "private"],
  ["photos", "public"],
  ["n", "missing"],
  ["unknown", null],
]);

function suggest(...references: readonly (readonly [capsuleId: string, reference: string])[]): string | null {
  const named = references.map(([capsuleId, reference]) => {
    const [bucket = "", ...names] = reference.replace(/^https:\/\/[^/]+\//, "").split("/");
    return { capsuleId, reference, object: { bucket, path: names.join("/") } };
  });
  return suggestPlaces(named, access);
}

it.each([
  ["a bucket", [[one, "media/a.jpg"]], "media"],
  [
    "the capsule's folder, where all paths have it",
    [
      [one, `media/${one}/a.jpg`],
      [other, `media/${other}/b/c.jpg`],
    ],
    "media/{capsule_id}",
  ],
  ["it in either case", [[one, `media/${one.toUpperCase()}/a.jpg`]], "media/{capsule_id}"],
  [
    "the bucket, where one path has another capsule's",
    [
      [one, `media/${one}/a.jpg`],
      [one, `media/${other}/a.jpg`],
    ],
    "media",
  ],
  ["the bucket, where an id is the file's own name", [[one, `media/${one}`]], "media"],
  [
    "folders before it that two capsules have",
    [one, other].flatMap((id) => ["in", "out"].map((folder) => [id, `media/${folder}/${id}/a.jpg`] as const)),
    "media/in/{capsule_id},media/out/{capsule_id}",
  ],
  [
    "the bucket, where one capsule alone has a folder before it: it may be anyone's words",
    [
      [one, `media/in/${one}/a.jpg`],
      [other, `media/Dear Anna/${other}/a.jpg`],
    ],
    "media",
  ],
  [
    "the bucket, where there are too many of them",
    ["a", "b", "c", "d"].map((user) => [one, `media/${user}/${one}/a.jpg`] as const),
    "media",
  ],
  [
    "the bucket, where a folder cannot be written into the setting",
    [
      [one, `media/a,documents/${one}/a.jpg`],
      [one, "media/*"],
    ],
    "media",
  ],
  ["a bucket that is called by the id", [[one, `${one}/a.jpg`]], "{capsule_id}"],
  [
    "several buckets, in one order",
    [
      [one, "voices/a.mp3"],
      [one, `media/${one}/a.jpg`],
    ],
    "media/{capsule_id},voices",
  ],
  ["a public bucket that paths name", [[one, "photos/a.jpg"]], "photos"],
  ["quotes where a shell needs them", [[one, "it's/a.jpg"]], String.raw`'it'\''s'`],
] as const)("suggests %s", (_what, references, value) => {
  expect(suggest(...references)).toBe(`KEEPSAKE_MEDIA_BUCKETS=${value}`);
});

it.each([
  ["no file", []],
  ["files of public buckets by their addresses", [[one, "https://host/photos/a.jpg"]]],
  ["what only reads like a bucket", [[one, "n/a"]]],
  ["a bucket that could not be looked at", [[one, "unknown/a.jpg"]]],
  ["a bucket that the setting cannot name", [[one, "a,b/a.jpg"]]],
] as const)("suggests nothing for %s", (_what, references) => {
  expect(suggest(...references)).toBeNull();
});

it("suggests places that allow all the files it was given", () => {
  const files = [
    [one, `media/in/${one}/a.jpg`],
    [other, `media/in/${other.toUpperCase()}/deep/b.jpg`],
    [other, "voices/b.mp3"],
    [one, "voices/x/a.mp3"],
    [one, `${one}/a.jpg`],
  ] as const;
  const places =
    suggest(...files)
      ?.split("=")[1]
      ?.split(",") ?? [];
  for (const [capsuleId, reference] of files) {
    const [bucket = "", ...names] = reference.split("/");
    const object = { bucket, path: names.join("/") };
    expect(isMediaPlace(object, { places, capsuleId, filmsBucket: "videos" }), reference).toBe(true);
  }
});
