import { describe, expect, it } from "vitest";

import { openOwnStorage, ownCapsuleId, storageKey, storedFile } from "./open-own-storage.js";

const otherCapsule = "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d";

describe("a file that the key may not open", () => {
  const film = `${otherCapsule}.mp4`;

  it.each([
    ["documents/passport.jpg", ["media"]],
    [`media/${otherCapsule}/a.jpg`, ["media/{capsule_id}"]],
    [`media/${ownCapsuleId}`, ["media/{capsule_id}"]],
    [`media/x/${ownCapsuleId}/a.jpg`, ["media/{capsule_id}"]],
    [`media/${ownCapsuleId}-not/a.jpg`, ["media/{capsule_id}"]],
    ["mediaa/a.jpg", ["media"]],
    [`videos/${film}`, ["*"]],
    [`videos/${otherCapsule}.JPG`, ["*"]],
    [`videos/old/${film}`, ["*"]],
    ["videos/copy-of-a-film.mp4", ["*"]],
    [`videos/${ownCapsuleId}/a.mp4`, ["*"]],
  ])("%s is requested without the key when messages may name %s", async (reference, places) => {
    await using store = await openOwnStorage({
      buckets: {
        media: { public: false, file_size_limit: null },
        videos: { public: false, file_size_limit: null },
      },
    });
    store.put(reference);
    const { bucket, rest } = /^(?<bucket>[^/]+)\/(?<rest>.+)$/.exec(reference)?.groups ?? {};
    const url = `${store.url}/storage/v1/object/public/${bucket}/${rest}`;
    for (const asked of [reference, url]) {
      await expect(store.fetch(asked, places)).rejects.toMatchObject({
        code: "media-address-refused",
        message: expect.stringContaining("KEEPSAKE_MEDIA_BUCKETS") as string,
      });
    }
    // A path may lack its bucket where there is only one: with the key that one is asked, and no other; and whether a
    // bucket is there, to know whether the setting is to blame.
    const [withKey, without] = [true, false].map((isWithKey) =>
      store.requests
        .filter(({ headers }) => JSON.stringify(headers).includes(storageKey) === isWithKey)
        .map(({ path: asked }) => asked),
    );
    expect(without).toEqual([`/storage/v1/object/public/${bucket}/${rest}`]);
    const allowed = [`/storage/v1/object/authenticated/media/${reference}`, "/storage/v1/bucket/media"];
    for (const asked of withKey ?? []) expect([...allowed, `/storage/v1/bucket/${bucket}`]).toContain(asked);
  });

  it.each([
    ["a bucket that is there and is not named", "media/a.jpg", ["voices"], "KEEPSAKE_MEDIA_BUCKETS"],
    [
      "a folder that is not named",
      `media/${otherCapsule}/a.jpg`,
      ["media/{capsule_id}"],
      "KEEPSAKE_MEDIA_BUCKETS",
    ],
    ["a bucket that is named and is not there", "voices/a.mp3", ["voices"], "KEEPSAKE_MEDIA_BUCKETS"],
    ["a bucket that is neither named nor there", "n/a", ["media", "videos"], null],
    ["a bucket that is not there where all may be named", "n/a", ["*"], null],
    ["a finished film where all may be named", `videos/${film}`, ["*"], null],
    ["a file that is not there", "media/a.jpg", ["media"], null],
  ])("%s: names the setting only when it is the reason", async (_what, reference, places, setting) => {
    await using store = await openOwnStorage();
    for (const asked of [reference, `${store.url}/storage/v1/object/public/${reference}`]) {
      await expect(store.fetch(asked, places)).rejects.toMatchObject({ fault: "file", setting });
    }
  });

  it("is shown if anyone may read it", async () => {
    await using store = await openOwnStorage({
      intercept: (request, response) => {
        if (request.url?.startsWith("/storage/v1/object/public/videos/") !== true) return false;
        return Boolean(response.end(storedFile));
      },
    });
    const bytes = await store.fetch(`${store.url}/storage/v1/object/public/videos/${film}`);
    expect(bytes.equals(storedFile)).toBe(true);
    expect(JSON.stringify(store.requests)).not.toContain(storageKey);
  });

  it.each([
    ["media/a.jpg", ["media"]],
    ["media/deep/a.jpg", ["voices", "media"]],
    [`media/${ownCapsuleId}/a.jpg`, ["media/{capsule_id}"]],
    [`media/in/${ownCapsuleId}/deep/a.jpg`, ["media/in/{capsule_id}"]],
    [`media/${ownCapsuleId.toUpperCase()}/a.jpg`, ["media/{capsule_id}"]],
    [`videos/${film}`, ["videos"]],
    ["videos/clips/a.mp4", ["*", "videos/clips"]],
    [`other/${film}`, ["*"]],
  ])("%s is read with the key when messages may name %s", async (reference, places) => {
    await using store = await openOwnStorage();
    store.put(reference);
    expect((await store.fetch(reference, places)).equals(storedFile)).toBe(true);
  });
});
