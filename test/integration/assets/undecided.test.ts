import { describe, expect, it } from "vitest";

import { openOwnStorage, ownCapsuleId, storageKey, storedFile } from "./open-own-storage.js";

const otherCapsule = "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d";
const buckets = {
  media: { public: false, file_size_limit: null },
  documents: { public: false, file_size_limit: null },
  "odd bucket": { public: false, file_size_limit: null },
  photos: { public: true, file_size_limit: null },
  videos: { public: false, file_size_limit: null },
};

/** Lists the paths that were requested with the key. */
function withKey(store: Awaited<ReturnType<typeof openOwnStorage>>): readonly string[] {
  return store.requests
    .filter(({ headers }) => JSON.stringify(headers).includes(storageKey))
    .map(({ path }) => path.replace("/storage/v1/", ""));
}

describe("while the operator has not decided which private files messages may name", () => {
  it.each([
    `media/${ownCapsuleId}/a.jpg`,
    `documents/of/${ownCapsuleId.toUpperCase()}/deep/a.jpg`,
    `media/${ownCapsuleId}`,
    `{url}/storage/v1/object/sign/media/${ownCapsuleId}/a.jpg?token=expired`,
    `{url}/storage/v1/object/public/media/${ownCapsuleId}/a.jpg`,
  ])("%s belongs to the capsule by its path", async (template) => {
    await using store = await openOwnStorage({ buckets });
    const reference = template.replace("{url}", store.url);
    store.put(reference.replace(/^.*\/object\/(sign|public)\/|\?.*$/g, ""));
    const files = await store.fetchAll([reference], null);
    expect(files.get(reference)).toMatchObject({ sizeBytes: storedFile.length });
  });

  it.each([
    ["a public address", "{url}/storage/v1/object/public/photos/a.jpg"],
    ["a path in a public bucket", "photos/a.jpg"],
    ["an expired signature of a public file", "{url}/storage/v1/object/sign/photos/a.jpg?token=expired"],
    ["a good signature", "{url}/storage/v1/object/sign/media/a.jpg?token=good"],
    [
      "a good signature by another host",
      "https://media.example.org/storage/v1/object/sign/media/a.jpg?token=good",
    ],
  ])("%s opens without the key", async (_what, template) => {
    await using store = await openOwnStorage({ buckets });
    store.put("photos/a.jpg");
    store.put("media/a.jpg");
    const reference = template.replace("{url}", store.url);
    const files = await store.fetchAll([reference], null);
    expect(files.get(reference)).toMatchObject({ sizeBytes: storedFile.length });
    for (const asked of withKey(store)) expect(asked).toMatch(/^bucket\//);
  });

  it("a signed address works without support for HEAD", async () => {
    await using store = await openOwnStorage({
      buckets,
      intercept: ({ method }, response) => method === "HEAD" && Boolean(response.writeHead(404).end()),
    });
    store.put("media/a.jpg");
    const reference = `${store.url}/storage/v1/object/sign/media/a.jpg?token=good`;
    expect((await store.fetchAll([reference], null)).get(reference)).toMatchObject({ sizeBytes: 50_000 });
  });

  it.each([
    ["media/a.jpg", "media"],
    [`media/${otherCapsule}/a.jpg`, "media"],
    [`media/${ownCapsuleId}.jpg`, "media"],
    [`media/not-${ownCapsuleId}/a.jpg`, "media"],
    ["documents/passport.jpg", "documents,media/{capsule_id}"],
    ["odd bucket/a.jpg", "'media/{capsule_id},odd bucket'"],
    ["{url}/storage/v1/object/public/documents/passport.jpg", "documents,media/{capsule_id}"],
    ["{url}/storage/v1/object/authenticated/documents/passport.jpg", "documents,media/{capsule_id}"],
    ["{url}/storage/v1/object/sign/documents/passport.jpg?token=expired", "documents,media/{capsule_id}"],
  ])("%s pauses the job before anything is fetched, with the line to set", async (template, value) => {
    await using store = await openOwnStorage({ buckets });
    const reference = template.replace("{url}", store.url);
    store.put(reference.replace(/^.*\/object\/(sign|public|authenticated)\/|\?.*$/g, ""));
    store.put(`media/${ownCapsuleId}/own.jpg`);
    const own = `media/${ownCapsuleId}/own.jpg`;
    await expect(store.fetchAll([own, reference], null)).rejects.toMatchObject({
      code: "media-setup",
      fault: "setup",
      message: expect.stringContaining(`set KEEPSAKE_MEDIA_BUCKETS=${value} (`) as string,
    });
    expect(withKey(store).filter((asked) => asked.includes(ownCapsuleId))).not.toContain(
      `object/authenticated/${own}`,
    );
  });

  it.each([
    ["a private file that is not there", "media/gone.jpg"],
    ["a bucket that is not there", "n/a"],
    [
      "an expired address of a file that is not there",
      "{url}/storage/v1/object/sign/media/gone.jpg?token=expired",
    ],
    ["a finished film", `videos/${otherCapsule}.mp4`],
    ["a finished film in a folder", `videos/${ownCapsuleId}/${otherCapsule}.mp4`],
    ["the address of a private film", `{url}/storage/v1/object/public/videos/${otherCapsule}.mp4`],
  ])("%s does not pause the job, and leads to a card", async (_what, template) => {
    await using store = await openOwnStorage({ buckets });
    const own = `media/${ownCapsuleId}/a.jpg`;
    for (const name of [own, `videos/${otherCapsule}.mp4`, `videos/${ownCapsuleId}/${otherCapsule}.mp4`]) {
      store.put(name);
    }
    const reference = template.replace("{url}", store.url);
    const files = await store.fetchAll([own, reference], null);
    expect(files.get(own)).toMatchObject({ sizeBytes: storedFile.length });
    expect(files.get(reference)).toMatchObject({ fault: "file" });
    for (const asked of withKey(store)) expect(asked).not.toContain("authenticated/videos");
  });

  it("waits for a storage that does not answer instead of pausing the job", async () => {
    await using store = await openOwnStorage({
      buckets,
      retrySeconds: 2,
      intercept: ({ url = "" }, response) =>
        url.includes("/object/") && Boolean(response.writeHead(503).end()),
    });
    await expect(store.fetchAll(["media/a.jpg"], null)).rejects.toMatchObject({
      code: "media-unreachable",
      fault: "world",
    });
  });

  it("with the setting, files outside it lead to a card", async () => {
    await using store = await openOwnStorage({ buckets });
    store.put("documents/passport.jpg");
    store.put("media/a.jpg");
    const files = await store.fetchAll(["media/a.jpg", "documents/passport.jpg"], ["media"]);
    expect(files.get("media/a.jpg")).toMatchObject({ sizeBytes: storedFile.length });
    expect(files.get("documents/passport.jpg")).toMatchObject({
      code: "media-address-refused",
      fault: "file",
    });
  });
});

describe("the version of a reference, requested without its bytes", () => {
  it.each([
    ["a file read with the key", "media/a.jpg", ["media"]],
    ["a capsule's own file", `media/${ownCapsuleId}/a.jpg`, null],
    ["a public file", "photos/a.jpg", null],
    ["a signed address", "{url}/storage/v1/object/sign/media/a.jpg?token=good", null],
    ["an address outside what may be named", "{url}/storage/v1/object/public/photos/a.jpg", ["media"]],
    ["a file that is not there", "media/gone.jpg", ["media"]],
    ["a private file that is not there", "media/gone.jpg", null],
    ["an address that is refused", "https://cdn.example.org/a.jpg", ["media"]],
  ])("equals the version by fetching: %s", async (_what, template, places) => {
    await using store = await openOwnStorage({ buckets });
    for (const name of ["media/a.jpg", `media/${ownCapsuleId}/a.jpg`, "photos/a.jpg"]) store.put(name);
    const reference = template.replace("{url}", store.url);
    let gets = 0;
    const { fetched, looked } = await store.versions(reference, places, () => {
      gets = store.requests.length;
    });
    expect(fetched).not.toBeNull();
    expect(looked).toBe(fetched);
    const asked = store.requests.slice(gets).filter(({ path }) => path.includes("a.jpg"));
    expect(new Set(asked.map(({ method }) => method))).toEqual(new Set(asked.length > 0 ? ["HEAD"] : []));
  });

  it.each([
    ["whose bytes changed", "media/a.jpg"],
    ["that came", "media/new.jpg"],
  ])("differs for a file %s", async (_what, reference) => {
    await using store = await openOwnStorage({ buckets });
    store.put("media/a.jpg");
    const { fetched, looked } = await store.versions(reference, ["media"], () => {
      store.put(reference, Buffer.from("other bytes"));
    });
    expect(fetched).not.toBeNull();
    expect(looked).not.toBe(fetched);
  });

  it.each([
    ["no ETag", { etag: undefined }],
    ["a weak ETag", { etag: 'W/"a"' }],
    ["no size", { "content-length": undefined }],
    ["a date alone", { etag: undefined, "last-modified": new Date(0).toUTCString() }],
  ])("is unknown when the server sends %s", async (_what, changed: Record<string, string | undefined>) => {
    await using store = await openOwnStorage({
      buckets,
      intercept: ({ url = "", method }, response) => {
        if (!url.includes("/object/")) return false;
        const headers: Record<string, string | undefined> = {
          etag: '"a"',
          "content-length": "4",
          ...changed,
        };
        for (const [name, value] of Object.entries(headers))
          if (value !== undefined) response.setHeader(name, value);
        return Boolean(response.end(method === "HEAD" ? undefined : "four"));
      },
    });
    const { looked } = await store.versions("media/a.jpg", ["media"]);
    expect(looked).toBeNull();
  });
});
