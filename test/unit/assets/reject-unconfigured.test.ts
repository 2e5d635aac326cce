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

/** The error of an address by the rules. */
function errorOf(address: string): KeepsakeError {
  try {
    checkUrl(address, { allowedHosts: ["media.example.org"], ownOrigin: null });
  } catch (error) {
    if (error instanceof KeepsakeError) return error;
  }
  throw new Error(`${address} is not rejected`);
}

const otherHost = errorOf("https://cdn.example.org/a.jpg");
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

describe("rejectUnconfigured", () => {
  it("rejects a capsule whose files are all rejected by a setting, and names the settings and an address", () => {
    expect(() => rejectUnconfigured(capsuleOf([otherHost, buckets], [], [otherHost]))).toThrow(
      expect.objectContaining({
        code: "media-setup",
        fault: "setup",
        message: expect.stringMatching(
          /^All 3 files .* KEEPSAKE_MEDIA_HOSTS and KEEPSAKE_MEDIA_BUCKETS.* cdn\.example\.org /,
        ) as string,
      }),
    );
    expect(() => rejectUnconfigured(capsuleOf([otherHost]))).toThrow(/^The capsule's one file is rejected/);
  });
});

describe("rejectUnconfigured", () => {
  it.each([
    ["without files", capsuleOf([], [])],
    ["with one usable file", capsuleOf([otherHost], [photo])],
    [
      "with one file that is rejected whatever the settings",
      capsuleOf([otherHost], [errorOf("https://10.0.0.1/a.jpg")]),
    ],
    [
      "with one file that is gone",
      capsuleOf([otherHost, new KeepsakeError("media-not-found", "It is gone.")]),
    ],
  ])("accepts a capsule %s", (_what, assets) => {
    expect(() => rejectUnconfigured(assets)).not.toThrow();
  });
});

describe("checkUrl", () => {
  it.each([
    "ftp://cdn.example.org/a.jpg",
    "file:///etc/passwd",
    "https://10.0.0.1/a.jpg",
    "https://maria:secret@cdn.example.org/a.jpg",
    "no address at all",
  ])("names no setting for an address that no setting can allow: %s", (address) => {
    expect(errorOf(address).setting).toBeNull();
  });
});
