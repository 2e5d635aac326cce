import { describe, expect, it } from "vitest";

import { judgeReferences } from "../../../../dist/assets/fetch/judge-references.js";
import { splitReferences } from "../../../../dist/assets/fetch/split-references.js";
import { locateObjects } from "../../../../dist/storage/locate-objects.js";
import { threadCpuSeconds } from "../../../thread-cpu-seconds.js";

/** A hundred times what it takes: an expression that backtracks takes minutes. */
const maxCpuSeconds = 10;

const project = "https://abcdefgh.supabase.co";
const capsuleId = "5f0c7a52-1111-4a54-9d0b-6d1f3d4c9a10";

function judge(column: string, places: readonly string[] = ["*"]) {
  return judgeReferences(column, {
    objects: {
      reader: { locate: (reference) => locateObjects(reference, project) },
      places,
      capsuleId,
      filmsBucket: "videos",
    },
    allowedHosts: ["cdn.example.org"],
    ownOrigin: project,
  });
}

function reasonOf(column: string): string {
  const [judged] = judge(column);
  return judged?.from === "nowhere" ? judged.error.message : `not rejected: ${judged?.from}`;
}

describe("splitReferences", () => {
  const signed = (name: string): string => `${project}/storage/v1/object/sign/media/${name}?token=a,b`;

  it.each([
    [`["${signed("a.jpg")}"]`, [signed("a.jpg")]],
    [`["media/a.jpg", null, " media/b, c.jpg "]`, ["media/a.jpg", "media/b, c.jpg"]],
    ["{media/a.jpg,media/b.jpg}", ["media/a.jpg", "media/b.jpg"]],
    [String.raw`{"media/a, \"b\".jpg",NULL,media/c d.jpg}`, ['media/a, "b".jpg', "media/c d.jpg"]],
    [`${signed("a.jpg")},${signed("b.jpg")}`, [signed("a.jpg"), signed("b.jpg")]],
    [`${signed("a.jpg")}\n ${signed("b.jpg")}`, [signed("a.jpg"), signed("b.jpg")]],
    ["media/a.jpg, media/b.png", ["media/a.jpg", "media/b.png"]],
    ["media/a.jpg,media/a.jpg", ["media/a.jpg"]],
    ["[]", []],
    ["{}", []],
    ['["null"]', []],
  ])("splits the list %s", (column, references) => {
    expect(splitReferences(column)).toEqual(references);
  });

  it.each([
    "media/Grandma, laughing.jpg",
    "media/a.jpg, b.jpg",
    "media/a;b.jpg",
    signed("Grandma,%20laughing.jpg"),
    "https://cdn.example.org/w_300,h_300/a.jpg",
    '{"url":"media/a.jpg"}',
    '[{"url":"media/a.jpg"}]',
    "[1].jpg",
  ])("keeps one reference whole: %s", (column) => {
    expect(splitReferences(column)).toEqual([column]);
  });

  it("reads any column in linear time", () => {
    const before = threadCpuSeconds();
    for (const begin of ["{", "[", "{ ", '{"', "a,", " ", ", ", "{a", "?a=", "&", "#"]) {
      judge(begin.repeat(4000 / begin.length));
      judge(`{${" ".repeat(3000)}${begin}`);
    }
    expect(threadCpuSeconds() - before).toBeLessThan(maxCpuSeconds);
  });
});

describe("judgeReferences on text that is not the address of a file", () => {
  it.each([
    ['{"url":"media/a.jpg"}', "an object written as JSON"],
    ['[{"url":"media/a.jpg"}]', "a list, but not of addresses"],
    ["data:image/png;base64,AAAA", "contains the file itself"],
    ["blob:https://app.example.org/1", "inside the sender's browser"],
    ["file:///storage/emulated/0/a.jpg", "the sender's own device"],
    ["content://media/external/1", "the sender's own device"],
    [String.raw`C:\Users\a.jpg`, "the sender's own device"],
    ["//cdn.example.org/a.jpg", "without https:"],
    ["ann@example.org", "an e-mail address"],
    ["photo.jpg", "names a bucket"],
    ["<img src=x>", "HTML"],
  ])("explains %s, and how to write an address", (column, what) => {
    expect(reasonOf(column)).toContain(what);
    expect(reasonOf(column)).toContain("write bucket/path");
  });
});

describe("judgeReferences on a path without a bucket", () => {
  it.each(["photo.jpg", "/photo.jpg", "media/photo.jpg", "/media/photo.jpg", "media//photo.jpg"])(
    "resolves %s in the only configured bucket",
    (column) => {
      const [judged] = judge(column, ["media"]);
      expect(judged).toMatchObject({ from: "storage", objects: [{ bucket: "media", path: "photo.jpg" }] });
    },
  );

  it("resolves a path with folders", () => {
    expect(judge("deep/photo.jpg", ["media"])).toMatchObject([
      {
        from: "storage",
        objects: [{ bucket: "media", path: "deep/photo.jpg" }],
        outside: { bucket: "deep", path: "photo.jpg" },
      },
    ]);
    expect(judge(`${capsuleId}/a.jpg`, ["media/{capsule_id}"])).toMatchObject([
      { from: "storage", objects: [{ bucket: "media", path: `${capsuleId}/a.jpg` }] },
    ]);
  });

  it.each([
    ["photo.jpg", ["*"]],
    ["photo.jpg", ["media", "voices"]],
    ["photo.jpg", ["media/{capsule_id}"]],
    ["../videos/a.jpg", ["media"]],
    ["..%2fvideos/a.jpg", ["media/{capsule_id}"]],
    ["./a.jpg", ["media"]],
    [`other/${capsuleId}/../a.jpg`, ["media/{capsule_id}"]],
  ])("resolves %s to nothing when messages may name %s", (column, places) => {
    expect(judge(column, places)).toMatchObject([{ from: "nowhere" }]);
  });

  it("stays in the capsule's folder with every name that it tries", () => {
    for (const column of [
      `media/${capsuleId}/%2e%2e/other/a.jpg`,
      `media/${capsuleId}/..%2fother%2fa.jpg`,
      `${project}/storage/v1/object/sign/media/${capsuleId}/%252e%252e%252fother/a.jpg`,
      `${capsuleId}%2f..%2fother/a.jpg`,
    ]) {
      for (const judged of judge(column, ["media/{capsule_id}"])) {
        if (judged.from !== "storage") continue;
        for (const { bucket, path } of judged.objects) {
          expect([bucket, path.split("/")[0]]).toEqual(["media", capsuleId]);
          expect(path.split("/")).not.toContain("..");
        }
      }
    }
  });
});

it("fetches a file that messages may not name without the key, whatever parameters its address has", () => {
  const film = `${project}/storage/v1/object/public/videos/${capsuleId}.mp4`;
  for (const address of [film, `${film}?token=x`, `${film}?cache=1`, `${film}?a?b`, `${film}#a.mp4`]) {
    for (const judged of judge(address)) {
      if (judged.from === "storage") {
        for (const { path } of judged.objects) expect(path, address).not.toBe(`${capsuleId}.mp4`);
      } else expect(judged, address).toMatchObject({ from: "web", outside: { bucket: "videos" } });
    }
  }
  expect(judge(`${film}?cache=1`)).toMatchObject([{ from: "web" }]);
});

describe("the keys of references", () => {
  it("are equal for one file, whatever the signature, host and parameters of its address", () => {
    const keys = [
      "media/deep/a b.jpg",
      "/media/deep/a b.jpg",
      `${project}/storage/v1/object/public/media/deep/a%20b.jpg`,
      `${project}/storage/v1/object/sign/media/deep/a%20b.jpg?token=1`,
      `${project}/storage/v1/object/sign/media//deep/a%20b.jpg?token=2&download=x.jpg`,
      `${project}/storage/v1/render/image/sign/media/deep/a%20b.jpg?token=3&width=20`,
      `https://abcdefgh.storage.supabase.co/storage/v1/object/public/media/deep/a%20b.jpg?v=2`,
      `https://abcdefgh.supabase.in/storage/v1/object/public/media/deep/a%20b.jpg`,
    ].flatMap((column) => judge(column).map(({ key }) => key));
    expect(new Set(keys).size).toBe(1);
  });

  it("differ for addresses that may be different files", () => {
    const keys = [
      "media/a.jpg",
      "media/A.jpg",
      "other/a.jpg",
      "https://cdn.example.org/a.jpg?token=1",
      "https://cdn.example.org/a.jpg?token=2",
      // Only a good signature opens a file outside the buckets.
      `${project}/storage/v1/object/sign/videos/${capsuleId}.mp4?token=1`,
      `${project}/storage/v1/object/sign/videos/${capsuleId}.mp4?token=2`,
    ].flatMap((column) => judge(column).map(({ key }) => key));
    expect(new Set(keys).size).toBe(7);
  });
});
