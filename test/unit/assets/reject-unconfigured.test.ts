import { describe, expect, it } from "vitest";

import { assignAssets, type ColumnResult } from "../../../dist/assets/assign-assets.js";
import { checkUrl } from "../../../dist/assets/fetch/check-url.js";
import { rejectUnconfigured } from "../../../dist/assets/reject-unconfigured.js";
import { KeepsakeError } from "../../../dist/errors.js";

const photo = {
  kind: "photo",
  path: "/nowhere",
  width: 100,
  height: 100,
  focus: { x: 0.5, y: 0.5 },
  sha256: "ab",
} as const;

/** What the rules say of an address. */
function refusalOf(address: string): KeepsakeError {
  try {
    checkUrl(address, { allowedHosts: ["media.example.org"], ownOrigin: null });
  } catch (error) {
    if (error instanceof KeepsakeError) return error;
  }
  throw new Error(`${address} is not refused`);
}

const foreign = refusalOf("https://cdn.example.org/a.jpg");
const buckets = new KeepsakeError("media-address-refused", "Not that bucket.", {
  setting: "KEEPSAKE_MEDIA_BUCKETS",
});

/** Messages with the outcomes of their first columns. */
function capsuleOf(...messages: readonly (readonly ColumnResult["outcome"][])[]) {
  const fields = ["content_image_url", "content_audio_url", "content_video_url"] as const;
  return new Map(
    messages.map((outcomes, index) => {
      const results = outcomes.map((outcome, column) => ({ field: fields[column] ?? fields[0], outcome }));
      return [String(index), assignAssets(String(index), results)] as const;
    }),
  );
}

describe("a capsule whose files are all refused by a setting", () => {
  it("is not filmed, and the sentence names the settings and an address", () => {
    expect(() => rejectUnconfigured(capsuleOf([foreign, buckets], [], [foreign]))).toThrow(
      expect.objectContaining({
        code: "media-setup",
        fault: "setup",
        message: expect.stringMatching(
          /^All 3 files .* KEEPSAKE_MEDIA_HOSTS and KEEPSAKE_MEDIA_BUCKETS.* cdn\.example\.org /,
        ) as string,
      }),
    );
    expect(() => rejectUnconfigured(capsuleOf([foreign]))).toThrow(/^The capsule's one file is refused/);
  });
});

describe("a capsule is filmed", () => {
  it.each([
    ["that has no files", capsuleOf([], [])],
    ["of which one file can be used", capsuleOf([foreign], [photo])],
    [
      "of which one file is refused for its own sake",
      capsuleOf([foreign], [refusalOf("https://10.0.0.1/a.jpg")]),
    ],
    ["of which one file is gone", capsuleOf([foreign, new KeepsakeError("media-not-found", "It is gone.")])],
  ])("%s", (_what, assets) => {
    expect(() => rejectUnconfigured(assets)).not.toThrow();
  });
});

describe("an address that no setting could allow", () => {
  it.each([
    "ftp://cdn.example.org/a.jpg",
    "file:///etc/passwd",
    "https://10.0.0.1/a.jpg",
    "https://maria:secret@cdn.example.org/a.jpg",
    "no address at all",
  ])("is not the operator's to allow: %s", (address) => {
    expect(refusalOf(address).setting).toBeNull();
  });
});
