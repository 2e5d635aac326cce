import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { MessageAssets, PreparedAssets } from "../../../dist/media/asset.js";
import { createFetcher } from "../../../dist/assets/fetch/create-fetcher.js";
import { prepareAssets } from "../../../dist/assets/prepare-assets.js";
import { noCache } from "../../../dist/cache/disk-cache.js";
import type { Message } from "../../../dist/capsule/content.js";
import { errorFaults } from "../../../dist/errors.js";
import { compareSamples, type MediaSample } from "../../../dist-tools/corpus/media-sample.js";
import { sampleAsset } from "../../../dist-tools/corpus/sample-asset.js";
import { readReferences } from "../../../dist-tools/corpus/read-references.js";
import { createLog } from "../../../dist/log.js";
import { distortPicture, distortions } from "./distort-picture.js";

/** Files that real devices made; they may not be copied into the repository, and lie beside it where there are any. */
const corpus = fileURLToPath(new URL("../../../../shared/corpus/", import.meta.url));
const present = existsSync(corpus);

/**
 * Measurements of pictures and sounds by other programs than ours: Pillow, heif-convert, FFmpeg 5.1 with its own rotation
 * and tone mapping, numpy. The pictures they were measured on were looked at.
 */
const references = await readReferences(fileURLToPath(new URL("corpus-reference.json", import.meta.url)));
/** The orientation of these cannot be recognised: one is blue all over, one is black, and one is the same upside down. */
const withoutUpAndDown = new Set([
  "images/jpg_99MP_9643x10328.jpg",
  "video/mp4_pixel7_rot180.mp4",
  "images/png_exif_orient6.png",
]);
/** Grey by themselves, or next to it. */
const withoutColour = new Set([
  "images/jpg_pixel3a_rotated.jpg",
  "video/dolbyVision-hdr.MOV",
  "video/mp4_cursed_vfr.mp4",
  "video/mp4_no_audio.mp4",
  "video/mp4_pixel7_rot180.mp4",
  "video/mp4_whatsapp_gif.mp4",
]);

interface Row {
  readonly file: string;
  readonly expected: string;
}

const rows: readonly Row[] = present
  ? readFileSync(`${corpus}MANIFEST.tsv`, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split("\t"))
      .map((cells) => ({ file: cells[0] ?? "", expected: cells[6] ?? "" }))
      .filter(({ file }) => !file.startsWith("text/"))
  : [];

let base = "";
let assets: PreparedAssets = new Map();

function toMessage({ file }: Row): Message {
  return {
    id: file,
    contributorName: null,
    submittedAt: null,
    text: null,
    imageReference: null,
    audioReference: null,
    // In one column, whatever they are: what a file is comes from its bytes.
    videoReference: `./${file}`,
    transcript: null,
  };
}

describe.skipIf(!present)("the corpus (skipped when it does not exist beside the repository)", () => {
  beforeAll(async () => {
    base = await mkdtemp(path.join(tmpdir(), "keepsake-corpus-"));
    const capsule = { id: "c", status: "closed", honoree: null, bornOn: null, diedOn: null, theme: null };
    const prepared = await prepareAssets({
      content: { capsule, messages: rows.map(toMessage) },
      fetcher: createFetcher({ objects: null, allowedHosts: [], ownOrigin: null, relativeTo: corpus }),
      folder: base,
      cache: noCache,
      concurrency: 2,
      signal: new AbortController().signal,
      isLast: false,
      onProgress: () => undefined,
      log: createLog("silent", false),
    });
    assets = prepared.assets;
  });
  afterAll(() => rm(base, { recursive: true }));

  const found = (file: string): MessageAssets => {
    const made = assets.get(file);
    if (made === undefined) throw new Error(`${file} has no entry`);
    return made;
  };
  const isShown = ({ photo, voice, clip }: MessageAssets): boolean =>
    photo !== null || voice !== null || clip !== null;

  it.each(rows.filter(({ expected }) => expected === "render"))("shows $file", ({ file }) => {
    expect(found(file).problems).toEqual([]);
    expect(isShown(found(file))).toBe(true);
  });

  it.each(rows.filter(({ expected }) => expected === "reject"))("rejects $file with a reason", ({ file }) => {
    expect(isShown(found(file))).toBe(false);
    expect(found(file).problems).toHaveLength(1);
  });

  it.each(rows.filter(({ expected }) => expected === "either"))(
    "shows or refuses $file, no crash",
    ({ file }) => {
      const { problems } = found(file);
      // Half of a video may be shown while the other half is a problem.
      expect(isShown(found(file)) || problems.length > 0).toBe(true);
      for (const { code } of problems) expect(code).not.toMatch(/crashed|timed-out/);
    },
  );

  it("gives a reason and a known code for each rejected file", () => {
    for (const { problems } of assets.values()) {
      for (const { code, reason } of problems) {
        expect(errorFaults).toHaveProperty(code, "file");
        expect(reason).toMatch(/^[A-Z].+\.$/);
        expect(reason).not.toContain(base);
      }
    }
  });

  it("has a reference for each file that must be shown", () => {
    const shown = rows.filter(({ expected }) => expected === "render").map(({ file }) => file);
    expect(shown.filter((file) => !(file in references))).toEqual([]);
  });

  describe.each(Object.entries(references))("%s", (file, reference) => {
    let sample: MediaSample | null = null;
    beforeAll(async () => {
      const { photo, clip, voice } = found(file);
      const asset = photo ?? clip ?? voice;
      if (asset !== null) sample = await sampleAsset(asset, base, new AbortController().signal);
    });

    it("looks and sounds like its reference", () => {
      if (sample === null) throw new Error("it is not shown");
      expect(compareSamples(sample, reference)).toEqual([]);
    });

    const blind = [
      ...(withoutUpAndDown.has(file) ? (["turned", "turnedBack", "upsideDown", "mirrored"] as const) : []),
      ...(withoutColour.has(file) ? (["grey", "redForBlue"] as const) : []),
      // A dim row of clouds over roofs: as good as the same from left to right.
      ...(file === "video/dolbyVision-hdr.MOV" ? (["mirrored"] as const) : []),
    ] as readonly string[];
    it.each(distortions.filter((name) => reference.pictures !== undefined && !blind.includes(name)))(
      "would not pass %s",
      (distortion) => {
        if (sample === null) throw new Error("it is not shown");
        const pictures = sample.pictures.map((picture) => distortPicture(picture, distortion));
        expect(compareSamples({ ...sample, pictures }, reference)).not.toEqual([]);
      },
    );
  });

  it.each([
    ["images/exif_orient3_180.jpg", 1800, 1200],
    ["images/exif_orient5_transpose.jpg", 1200, 1800],
    ["images/exif_orient6_portrait.jpg", 1200, 1800],
    ["images/jpg_pixel3a_rotated.jpg", 3024, 4032],
    ["images/jpg_99MP_9643x10328.jpg", 3824, 4096],
    ["images/png_exif_orient6.png", 100, 200],
    ["images/heic_visionpro_spatial_stereo.heic", 2560, 2560],
  ])("shows %s at %i × %i", (file, width, height) => {
    expect(found(file).photo).toMatchObject({ width, height });
  });

  it.each([
    ["video/mov_iphone6s_rot90.mov", { width: 720, height: 1280, rotationDegrees: 90, mirrored: false }],
    ["video/mp4_rot270.mp4", { width: 720, height: 1280, rotationDegrees: 270, mirrored: false }],
    ["video/mp4_pixel7_rot180.mp4", { width: 1920, height: 1080, rotationDegrees: 180, sound: null }],
    ["video/mp4_rotate_and_mirror.mp4", { width: 720, height: 1080, mirrored: true }],
    ["video/dolbyVision-hdr.MOV", { transfer: "hlg", rotationDegrees: 90 }],
    ["video/mp4_hdr10_av1_portrait.mp4", { transfer: "pq", width: 720, height: 1280 }],
    [
      "video/mp4_starts_at_10s_odd_sar.mp4",
      { startSeconds: 10, durationSeconds: 4, width: 1137, height: 640 },
    ],
    ["video/mp4_with_cover_png.mp4", { width: 640, height: 360, streamIndex: 0 }],
  ])("reads the properties of %s", (file, expected) => {
    expect(found(file).clip).toMatchObject(expected);
  });

  it("measures the length by decoding, not by headers", () => {
    // A second of pictures, and 0.067 s of sound before the first.
    expect(found("video/mp4_fragmented_fake_39h.mp4").clip?.durationSeconds).toBeCloseTo(1.067, 2);
    expect(found("audio/webm_mediarecorder_no_duration.webm").voice?.sampleCount).toBe(25.5 * 48_000);
    expect(found("audio/wav_streamed_no_size.wav").voice?.sampleCount).toBeGreaterThan(30_000);
  });

  it("prepares a video without pictures as a voice, and an animation as a clip", () => {
    expect(found("video/mp4_audio_only.mp4")).toMatchObject({ clip: null, voice: { sampleCount: 48_000 } });
    const turning = [found("images/webp_animated_101frames.webp"), found("images/gif_animated_44frames.gif")];
    for (const [index, loopSeconds] of [3.03, 3.96].entries()) {
      const clip = turning[index]?.clip;
      expect(clip?.loopSeconds).toBeCloseTo(loopSeconds, 2);
      expect(clip?.durationSeconds).toBeCloseTo(2 * loopSeconds, 2);
    }
  });

  it("plays a clip that was cut at its start from its first word on", () => {
    const clip = found("video/ts_no_initial_keyframe.ts").clip;
    expect(clip?.durationSeconds).toBeCloseTo(2.63, 1);
    expect(clip?.sound?.sampleCount).toBe(Math.round((clip?.durationSeconds ?? 0) * 48_000));
  });

  it("names a protected and an unsupported film", () => {
    expect(found("hostile/mp4_drm_widevine.mp4").problems).toMatchObject([{ code: "media-protected" }]);
    expect(found("video/mp4_vvc_h266.mp4").problems).toMatchObject([{ code: "media-codec-unsupported" }]);
  });

  it("does not show a CMYK photo as its negative", async () => {
    // A park in daylight under a pale sky, which as a negative would be dark above.
    const photo = found("images/jpg_cmyk_swop.jpg").photo;
    const pixels = await readFile(photo?.path ?? "");
    const mean = (part: Buffer): number => part.reduce((sum, value) => sum + value, 0) / part.length;
    expect(mean(pixels.subarray(0, pixels.length / 4))).toBeGreaterThan(110);
  });
});
