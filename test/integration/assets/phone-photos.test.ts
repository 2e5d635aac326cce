import { readFile } from "node:fs/promises";
import path from "node:path";

import sharp from "sharp";
import { describe, expect, it } from "vitest";

import { assignAssets } from "../../../dist/assets/assign-assets.js";
import type { ClipAsset, PhotoAsset } from "../../../dist/media/asset.js";
import { writeTestMedia } from "../media/write-test-media.js";
import { expectColours } from "./expect-colours.js";
import { heifFile, property, uint } from "./heif-file.js";
import { iccProfile, primaries } from "./icc-profile.js";
import { preparedAs, prepareOne } from "./prepare-one.js";
import { fieldColours, testPicture, type Rgb } from "./test-picture.js";
import { tiffFile, type TiffTag } from "./tiff-file.js";
import { useFolder } from "../../use-folder.js";

const base = useFolder();

const [width, height] = [720, 480];
const [a, b, c, d, e, f] = fieldColours as unknown as [Rgb, Rgb, Rgb, Rgb, Rgb, Rgb];
const upright: readonly Rgb[] = [a, b, c, d, e, f];

async function jpeg(size = { width, height }): Promise<Buffer> {
  const { data } = await testPicture(size.width, size.height);
  return await sharp(data, { raw: { ...size, channels: 3 } })
    .jpeg({ quality: 95, chromaSubsampling: "4:4:4" })
    .toBuffer();
}

function withSegment(file: Buffer, marker: number, data: Buffer): Buffer {
  const head = Buffer.concat([Buffer.from([0xff, marker]), uint(data.length + 2, 2)]);
  return Buffer.concat([file.subarray(0, 2), head, data, file.subarray(2)]);
}

describe("shows the standard picture of a JPEG with a gain map for brighter screens", () => {
  it.each([
    [
      "Ultra HDR's",
      0xe1,
      `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" xmlns:Container="http://ns.google.com/photos/1.0/container/" hdrgm:Version="1.0"/></rdf:RDF></x:xmpmeta>`,
    ],
    ["ISO 21496-1's", 0xe2, "urn:iso:std:iso:ts:21496:-1\0\0\0\0\0"],
  ])("%s", async (_name, marker, text) => {
    const primary = withSegment(await jpeg(), marker, Buffer.from(text, "latin1"));
    const gain = await sharp({ create: { width: 180, height: 120, channels: 3, background: "white" } })
      .jpeg()
      .toBuffer();
    const map = withSegment(gain, marker, Buffer.from(text, "latin1"));
    // Multi-picture format (CIPA DC-007): both pictures with their sizes and places.
    const mpfEntry = (attribute: number, size: number, at: number): Buffer => {
      const entry = Buffer.alloc(16);
      entry.writeUInt32LE(attribute, 0);
      entry.writeUInt32LE(size, 4);
      entry.writeUInt32LE(at, 8);
      return entry;
    };
    const index = tiffFile([
      { tag: 0xb000, type: 7, bytes: Buffer.from("0100") },
      { tag: 0xb001, type: 4, values: [2] },
      {
        tag: 0xb002,
        type: 7,
        bytes: Buffer.concat([
          mpfEntry(0x030000, primary.length, 0),
          mpfEntry(0, map.length, primary.length),
        ]),
      },
    ]);
    const whole = withSegment(primary, 0xe2, Buffer.concat([Buffer.from("MPF\0"), index]));
    const photo = await preparedAs("photo", Buffer.concat([whole, map]), base);
    expect([photo.width, photo.height]).toEqual([width, height]);
    await expectColours(photo, upright, 3, 3);
  });
});

describe("a camera's raw picture (DNG)", () => {
  /** A tag in the place of the sensor data, which is not a preview. */
  const raw: TiffTag = {
    tag: 330,
    directory: [
      { tag: 254, type: 4, values: [0] },
      { tag: 256, type: 4, values: [width] },
      { tag: 257, type: 4, values: [height] },
      { tag: 259, type: 3, values: [1] },
      { tag: 262, type: 3, values: [32_803] },
      { tag: 273, lengthTag: 279, data: Buffer.alloc(2 * width * height) },
    ],
  };
  const dng = (own: readonly TiffTag[], orientation = 1): Buffer =>
    tiffFile([
      { tag: 50_706, type: 7, bytes: Buffer.from([1, 4, 0, 0]) },
      { tag: 274, type: 3, values: [orientation] },
      ...own,
    ]);
  const preview = (data: Buffer, more: readonly TiffTag[] = []): TiffTag[] => [
    { tag: 254, type: 4, values: [1] },
    { tag: 259, type: 3, values: [7] },
    { tag: 262, type: 3, values: [6] },
    { tag: 273, lengthTag: 279, data },
    ...more,
  ];

  it.each([
    [1, upright, 3],
    [3, [f, e, d, c, b, a], 3],
    [6, [d, a, e, b, f, c], 2],
    [8, [c, f, b, e, a, d], 2],
    [2, [c, b, a, f, e, d], 3],
    [5, [a, d, b, e, c, f], 2],
  ] as const)(
    "is shown by its preview, upright from orientation %i",
    async (orientation, fields, columns) => {
      const photo = await preparedAs("photo", dng([...preview(await jpeg()), raw], orientation), base);
      expect([photo.width, photo.height]).toEqual(columns === 3 ? [width, height] : [height, width]);
      await expectColours(photo, fields, columns, 3);
    },
  );

  it("is shown by the largest of several previews at any position", async () => {
    const small = await sharp({ create: { width: 160, height: 120, channels: 3, background: "red" } })
      .jpeg()
      .toBuffer();
    const file = dng([...preview(small), { tag: 330, directory: preview(await jpeg()) }]);
    const photo = await preparedAs("photo", file, base);
    expect([photo.width, photo.height]).toEqual([width, height]);
  });

  it("has the colours of its preview", async () => {
    const { data } = await testPicture(width, height);
    const asAdobe = await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 95, chromaSubsampling: "4:4:4" })
      .toBuffer();
    const photo = await preparedAs(
      "photo",
      dng(preview(asAdobe, [{ tag: 50_970, type: 4, values: [3] }])),
      base,
    );
    const profiled = await sharp(
      withSegment(
        asAdobe,
        0xe2,
        Buffer.concat([Buffer.from("ICC_PROFILE\0\x01\x01", "latin1"), iccProfile(primaries.adobeRgb, 2.2)]),
      ),
    )
      .toColourspace("srgb")
      .raw()
      .toBuffer({ resolveWithObject: true });
    const at = (Math.floor(height / 4) * width + Math.floor(width / 6)) * 3;
    await expectColours(photo, [[...profiled.data.subarray(at, at + 3)] as unknown as Rgb, b, c], 3, 60);
    await expect(expectColours(photo, upright, 3, 3)).rejects.toThrow("field");
  });

  it("is rejected with a reason when it has only a thumbnail, is cut off or damaged", async () => {
    const thumbnail = await jpeg({ width: 160, height: 120 });
    const refused = await prepareOne(dng([...preview(thumbnail), raw]), base);
    expect(refused).toMatchObject({
      code: "media-kind-refused",
      message: expect.stringMatching(/raw picture/) as string,
    });
    const whole = dng([...preview(await jpeg()), raw]);
    for (const cut of [0.01, 0.3]) {
      const error = await prepareOne(whole.subarray(0, Math.floor(whole.length * cut)), base);
      expect(error).toHaveProperty("code");
    }
    const torn = await jpeg();
    const damaged = await prepareOne(dng(preview(torn.subarray(0, Math.floor(torn.length / 2)))), base);
    expect(damaged).toMatchObject({ code: "media-damaged" });
  });
});

describe("a Live Photo", () => {
  const id = "4F5B1C9E-8D3A-4E7B-9C21-0A1B2C3D4E5F";

  /** Apple's note: a directory of its own, big-endian, whose places count from its beginning. */
  function appleNote(): Buffer {
    const text = Buffer.from(`${id}\0`, "latin1");
    const entry = Buffer.concat([uint(0x11, 2), uint(2, 2), uint(text.length, 4), uint(14 + 2 + 12 + 4, 4)]);
    return Buffer.concat([Buffer.from("Apple iOS\0\0\x01MM", "latin1"), uint(1, 2), entry, uint(0, 4), text]);
  }

  async function photo(): Promise<PhotoAsset> {
    const exif = Buffer.concat([
      Buffer.from("Exif\0\0", "latin1"),
      tiffFile([{ tag: 0x8769, directory: [{ tag: 0x927c, type: 7, bytes: appleNote() }] }]),
    ]);
    const { thumbnail: _, ...found } = await preparedAs("photo", withSegment(await jpeg(), 0xe1, exif), base);
    return { ...found, focus: { x: 0.5, y: 0.5 } };
  }

  const clip = { kind: "clip", sha256: "c".repeat(64), livePhotoId: id } as unknown as ClipAsset;

  it("is recognised by its maker note, and its clip is not shown beside it", async () => {
    const seen = await photo();
    expect(seen.livePhotoId).toBe(id);
    const both = assignAssets("m", [
      { field: "content_image_url", outcome: seen },
      { field: "content_video_url", outcome: clip },
    ]);
    expect(both).toMatchObject({ photo: { livePhotoId: id }, clip: null, problems: [] });
    expect(both).not.toHaveProperty("others");
  });

  it("is shown by its clip when its photo is missing, and beside another photo", async () => {
    const alone = assignAssets("m", [{ field: "content_video_url", outcome: clip }]);
    expect(alone.clip).toBe(clip);
    const { livePhotoId: _, ...other } = await photo();
    const beside = assignAssets("m", [
      { field: "content_image_url", outcome: other },
      { field: "content_video_url", outcome: clip },
    ]);
    expect(beside).toMatchObject({ clip: { livePhotoId: id } });
    expect(beside.photo).not.toBeNull();
  });

  it("has the same id in its HEIC and in its MOV", async () => {
    const exif = tiffFile([{ tag: 0x8769, directory: [{ tag: 0x927c, type: 7, bytes: appleNote() }] }]);
    const still = { id: 1, type: "jpeg", data: await jpeg(), properties: [property.size(width, height)] };
    const notes = {
      id: 2,
      type: "Exif",
      data: Buffer.concat([uint(0, 4), exif]),
      references: { cdsc: [1] },
    };
    const heic = await preparedAs("photo", heifFile("jpeg", [still, notes]), base);
    expect(heic.livePhotoId).toBe(id);
    const file = path.join(base, "live.mov");
    await writeTestMedia(file, {
      container: "mov",
      seconds: 0.5,
      muxer: { movflags: "use_metadata_tags" },
      metadata: { "com.apple.quicktime.content.identifier": id },
      video: { encoder: "libx264", options: { preset: "ultrafast" } },
    });
    const mov = await preparedAs("clip", await readFile(file), base);
    expect(mov.livePhotoId).toBe(id);
  });
});
