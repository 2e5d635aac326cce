import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { encodeObject, parseBareReference } from "../../../dist/storage/object-path.js";
import { locateObjects } from "../../../dist/storage/locate-objects.js";

const project = "https://abcdefgh.supabase.co";
const uploadId = Buffer.from("media/folder/a photo.jpg/3f0e").toString("base64url");
const object = { bucket: "media", path: "folder/a photo.jpg" };

describe("locateObjects", () => {
  it.each([
    `${project}/storage/v1/object/public/media/folder/a%20photo.jpg`,
    `${project}/storage/v1/object/sign/media/folder/a%20photo.jpg?token=expired`,
    `${project}/storage/v1/object/authenticated/media/folder/a%20photo.jpg`,
    `${project}/storage/v1/object/media/folder/a%20photo.jpg`,
    `${project}/storage/v1/render/image/public/media/folder/a%20photo.jpg?width=200`,
    `${project}:443/storage/v1/object/public/media/folder/a photo.jpg`,
    "http://abcdefgh.supabase.co/storage/v1/object/public/media/folder/a%20photo.jpg",
    "https://ABCDEFGH.supabase.co/storage/v1/object/public/media/folder/a%20photo.jpg",
    "https://abcdefgh.storage.supabase.co/storage/v1/object/public/media/folder/a%20photo.jpg",
    "https://abcdefgh.storage.supabase.co/v1/object/public/media/folder/a%20photo.jpg",
    `${project}/storage/v1/object/upload/sign/media/folder/a%20photo.jpg?token=1`,
    `${project}/storage/v1/s3/media/folder/a%20photo.jpg`,
    `${project}/storage/v1/upload/resumable/${uploadId}`,
    `${project}/storage/v1/upload/resumable/sign/${uploadId}`,
    "/storage/v1/object/public/media/folder/a%20photo.jpg",
    `${project}//storage/v1/object/sign/media/folder/a%20photo.jpg?token=expired`,
    `${project}/storage/v1//object/sign/media/folder/a%20photo.jpg?token=expired`,
    `${project}/storage/v1/object/sign/media//folder/a%20photo.jpg?token=expired`,
    `${project}/storage/v1/object/public/media/folder/a%20photo.jpg?download=&t=2026-01-01#t=10`,
    "https://abcdefgh.supabase.in/storage/v1/object/public/media/folder/a%20photo.jpg",
    "https://abcdefgh.storage.supabase.in/v1/object/public/media/folder/a%20photo.jpg",
    "/media/folder/a photo.jpg",
    "media//folder/a photo.jpg",
    "media/folder/a photo.jpg",
  ])("locates the object of %s", (reference) => {
    expect(locateObjects(reference, project)).toEqual([object]);
  });

  it.each([
    "https://other.supabase.co/storage/v1/object/public/media/a.jpg",
    "https://abcdefgh.supabase.co.evil.net/storage/v1/object/public/media/a.jpg",
    "https://evil.net/storage/v1/object/public/media/a.jpg",
    `${project}:8443/storage/v1/object/public/media/a.jpg`,
    `${project}/storage/v1/object/public/media`,
    `${project}/storage/v1/bucket/media/a.jpg`,
    `${project}/rest/v1/messages/a`,
    `${project}/storage/v1/object/public/media/..%2f..%2fbucket%2fx`,
    `${project}/storage/v1/object/public/media/a%00b`,
    `${project}/storage/v1/object/public/media/%E0%A4%A`,
    `${project}/storage/v1/object/public/media%2F..%2Fvideos/a.jpg`,
    `${project}/storage/v1/object/public/media/%2e%2e/a.jpg`,
    "//media/a.jpg",
    "ftp://abcdefgh.supabase.co/storage/v1/object/public/media/a.jpg",
    "file:///etc/passwd",
    "media/../secrets/a.jpg",
    "media/./a.jpg",
    "../media/a.jpg",
    "media/",
    "photo.jpg",
    "",
    "media/a\u0000b",
    "media\\a.jpg",
    "media/\ud83d.jpg",
  ])("locates no object for %j", (reference) => {
    expect(locateObjects(reference, project)).toEqual([]);
  });
});

it("locates objects by other hosts of the project, and by no host that only looks similar", () => {
  const others = ["api.example.org", "supabase.example.org:8443"];
  const find = (host: string) =>
    locateObjects(`https://${host}/storage/v1/object/public/media/a.jpg`, "http://kong:8000", others);
  for (const host of others) expect(find(host), host).toEqual([{ bucket: "media", path: "a.jpg" }]);
  for (const host of ["example.org", "api.example.org:444", "supabase.example.org", "localhost:8000"])
    expect(find(host), host).toEqual([]);
});

it("locates objects of a local project by any name of the machine", () => {
  for (const host of ["localhost", "127.0.0.1", "[::1]", "host.docker.internal"]) {
    const reference = `http://${host}:54321/storage/v1/object/public/media/a.jpg`;
    expect(locateObjects(reference, "http://127.0.0.1:54321")).toEqual([{ bucket: "media", path: "a.jpg" }]);
    expect(locateObjects(reference, project)).toEqual([]);
    expect(locateObjects(reference, "http://127.0.0.1:54322")).toEqual([]);
  }
});

it("locates objects of a local project only by its port", () => {
  const reference = "http://127.0.0.1:54321/storage/v1/object/public/media/a.jpg";
  expect(locateObjects(reference, "http://127.0.0.1:54321")).toEqual([{ bucket: "media", path: "a.jpg" }]);
  expect(locateObjects(reference, "http://127.0.0.1:54322")).toEqual([]);
});

it("locates each object that it encoded, and never one outside the bucket", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (bucket, path) => {
      const parsed = parseBareReference(`${bucket}/${path}`);
      if (parsed === null) return;
      expect(parsed.path.split("/")).not.toContain("..");
      const url = new URL(`${project}/storage/v1/object/public/${encodeObject(parsed)}`);
      expect(url.pathname).toMatch(/^\/storage\/v1\/object\/public\/./);
      expect(locateObjects(url.href, project)[0]).toEqual(parsed);
    }),
  );
});

describe("locateObjects for a project below a path", () => {
  const below = "https://host.example.org/supabase";

  it.each([
    `${below}/storage/v1/object/sign/media/a.jpg?token=expired`,
    `${below}//storage/v1/object/public/media/a.jpg`,
    "https://host.example.org/storage/v1/object/public/media/a.jpg",
    "/supabase/storage/v1/object/public/media/a.jpg",
    "/storage/v1/object/public/media/a.jpg",
    "media/a.jpg",
  ])("locates the object of %s", (reference) => {
    expect(locateObjects(reference, below)).toEqual([{ bucket: "media", path: "a.jpg" }]);
  });

  it.each([
    "https://host.example.org/other/storage/v1/object/public/media/a.jpg",
    "https://host.example.org/supabase2/storage/v1/object/public/media/a.jpg",
    "https://host.example.org/supabase/../rest/v1/object/public/media/a.jpg",
  ])("locates no object for %s", (reference) => {
    expect(locateObjects(reference, below)).toEqual([]);
  });

  it("ignores the path of the public address when the project is configured by an internal name", () => {
    const reference = `${below}/storage/v1/object/sign/media/a.jpg?token=expired`;
    expect(locateObjects(reference, "http://kong:8000", ["host.example.org"])).toEqual([
      { bucket: "media", path: "a.jpg" },
    ]);
    expect(locateObjects(reference, "http://kong:8000")).toEqual([]);
  });
});

describe("locateObjects for names with characters of addresses", () => {
  const at = `${project}/storage/v1/object/sign/media`;

  it.each([
    // The name as written comes first, then the name as storage-js sends it.
    ["media/photo #3.jpg", ["photo #3.jpg", "photo "]],
    ["media/Who is this?.jpg", ["Who is this?.jpg", "Who is this"]],
    ["media/a%20b.jpg", ["a%20b.jpg", "a b.jpg"]],
    ["media/100% sure.jpg", ["100% sure.jpg"]],
    [`${at}/Who%20is%20this?.jpg?token=x`, ["Who is this?.jpg", "Who is this"]],
    [`${at}/Who%20is%20this?.jpg`, ["Who is this?.jpg", "Who is this"]],
    [`${at}/photo%20#3.jpg?token=x`, ["photo #3.jpg", "photo "]],
    [`${at}/a%2520b.jpg?token=x`, ["a%20b.jpg", "a b.jpg"]],
    [`${at}/why?now`, ["why", "why?now"]],
    [`${at}/a.jpg?token=x&download=b?c.jpg`, ["a.jpg?token=x&download=b?c.jpg", "a.jpg"]],
  ])("tries %s as written, and as clients send it", (reference, paths) => {
    expect(locateObjects(reference, project).map(({ path }) => path)).toEqual(paths);
  });

  it.each([
    ["media/%2e%2e/videos/a.jpg"],
    ["media/..%2fvideos/a.jpg"],
    ["media/a%2f..%2f..%2fvideos%2fa.jpg"],
    ["media/%5c..%5cvideos"],
    ["media/a%00.jpg"],
    ["media/%2e?x"],
    [`${at}/%252e%252e/videos/a.jpg`],
    [`${at}/a.jpg?/../../videos/a.jpg`],
  ])("never leads out of the bucket: %s", (reference) => {
    for (const { bucket, path } of locateObjects(reference, project)) {
      expect(bucket).toBe("media");
      expect(path.split("/").some((segment) => /^\.{0,2}$/.test(segment))).toBe(false);
      expect(path).not.toMatch(/[\\\0]/);
    }
  });
});

it("locates no object for another project's address in any form", () => {
  for (const host of [
    "other.supabase.in",
    "abcdefgh.supabase.in.evil.net",
    "abcdefgh.supabase.in:8443",
    "a.abcdefgh.supabase.in",
    "abcdefgh.supabase.info",
    "abcdefgh-supabase.in",
  ]) {
    expect(locateObjects(`https://${host}/storage/v1/object/public/media/a.jpg`, project), host).toEqual([]);
  }
  const custom = "https://api.example.org";
  const reference = "https://abcdefgh.supabase.in/storage/v1/object/public/media/a.jpg";
  expect(locateObjects(reference, custom)).toEqual([]);
});
