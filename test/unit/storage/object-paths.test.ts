import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { encodeObject, parseBareReference } from "../../../dist/storage/object-path.js";
import { locateObject } from "../../../dist/storage/locate-object.js";

const project = "https://abcdefgh.supabase.co";
const uploadId = Buffer.from("media/folder/a photo.jpg/3f0e").toString("base64url");
const object = { bucket: "media", path: "folder/a photo.jpg" };

describe("locateObject", () => {
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
    "media/folder/a photo.jpg",
  ])("finds the object of %s", (reference) => {
    expect(locateObject(reference, project)).toEqual(object);
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
    `${project}/storage/v1/object/public/media//a.jpg`,
    "ftp://abcdefgh.supabase.co/storage/v1/object/public/media/a.jpg",
    "file:///etc/passwd",
    "/etc/passwd",
    "media/../secrets/a.jpg",
    "media/./a.jpg",
    "../media/a.jpg",
    "media//a.jpg",
    "media/",
    "photo.jpg",
    "",
    "media/a\u0000b",
    "media\\a.jpg",
    "media/\ud83d.jpg",
  ])("finds none in %j", (reference) => {
    expect(locateObject(reference, project)).toBeNull();
  });
});

it("finds a project by its other hosts, and by no host that only looks like one", () => {
  const others = ["api.example.org", "supabase.example.org:8443"];
  const find = (host: string) =>
    locateObject(`https://${host}/storage/v1/object/public/media/a.jpg`, "http://kong:8000", others);
  for (const host of others) expect(find(host), host).toEqual({ bucket: "media", path: "a.jpg" });
  for (const host of ["example.org", "api.example.org:444", "supabase.example.org", "localhost:8000"])
    expect(find(host), host).toBeNull();
});

it("finds a local project by any name of the machine", () => {
  for (const host of ["localhost", "127.0.0.1", "[::1]", "host.docker.internal"]) {
    const reference = `http://${host}:54321/storage/v1/object/public/media/a.jpg`;
    expect(locateObject(reference, "http://127.0.0.1:54321")).toEqual({ bucket: "media", path: "a.jpg" });
    expect(locateObject(reference, project)).toBeNull();
    expect(locateObject(reference, "http://127.0.0.1:54322")).toBeNull();
  }
});

it("finds a local project by its port", () => {
  const reference = "http://127.0.0.1:54321/storage/v1/object/public/media/a.jpg";
  expect(locateObject(reference, "http://127.0.0.1:54321")).toEqual({ bucket: "media", path: "a.jpg" });
  expect(locateObject(reference, "http://127.0.0.1:54322")).toBeNull();
});

it("gives back any object that it encoded, and never leads out of the bucket", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (bucket, path) => {
      const parsed = parseBareReference(`${bucket}/${path}`);
      if (parsed === null) return;
      expect(parsed.path.split("/")).not.toContain("..");
      const url = new URL(`${project}/storage/v1/object/public/${encodeObject(parsed)}`);
      expect(url.pathname).toMatch(/^\/storage\/v1\/object\/public\/./);
      expect(locateObject(url.href, project)).toEqual(parsed);
    }),
  );
});
