import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import sharp, { type Sharp } from "sharp";

import type { PhotoBox } from "../../../dist/media/asset.js";
import type { RgbPicture } from "../../../dist/media/pictures/rgb-picture.js";

export interface PictureOfPeople {
  readonly name: string;
  readonly picture: RgbPicture;
  /** The heads were marked by hand: from hair or hat to chin, and from ear to ear. */
  readonly heads: readonly PhotoBox[];
}

type Corners = readonly [left: number, top: number, right: number, bottom: number];

const samples = fileURLToPath(new URL("people", import.meta.url));
const corpus = fileURLToPath(new URL("../../../../shared/corpus/images", import.meta.url));

/** Pictures of the repository, and of the corpus where it exists beside the repository. */
const marked: readonly (readonly [folder: string, file: string, heads: readonly Corners[]])[] = [
  [
    samples,
    "sample1.jpg",
    [
      [0.19, 0.21, 0.33, 0.47],
      [0.43, 0.25, 0.555, 0.52],
      [0.76, 0.09, 0.89, 0.36],
    ],
  ],
  [
    samples,
    "sample2.jpg",
    [
      [0.18, 0.02, 0.29, 0.3],
      [0.45, 0.055, 0.57, 0.35],
      [0.73, 0.03, 0.88, 0.3],
    ],
  ],
  [
    samples,
    "sample3.jpg",
    [
      [0.29, 0.15, 0.44, 0.47],
      [0.56, 0.09, 0.7, 0.4],
      [0.78, 0.155, 0.895, 0.46],
    ],
  ],
  [
    samples,
    "sample4.jpg",
    [
      [0.11, 0.05, 0.24, 0.32],
      [0.33, 0, 0.465, 0.245],
      [0.495, 0.06, 0.62, 0.3],
      [0.645, 0.05, 0.76, 0.29],
    ],
  ],
  [
    samples,
    "sample5.jpg",
    [
      [0.39, 0.015, 0.515, 0.24],
      [0.565, 0.07, 0.685, 0.34],
      [0.72, 0.21, 0.84, 0.5],
      [0.295, 0.235, 0.42, 0.5],
      [0.185, 0.55, 0.31, 0.855],
    ],
  ],
  [
    samples,
    "sample6.jpg",
    [
      [0.11, 0.235, 0.27, 0.52],
      [0.335, 0.13, 0.46, 0.435],
      [0.587, 0.105, 0.733, 0.4],
      [0.753, 0.09, 0.913, 0.39],
    ],
  ],
  [corpus, "webp_exif_orient6.webp", [[0.225, 0.015, 0.75, 0.62]]],
  [corpus, "jpg_cmyk_exif_orient6.jpg", [[0.39, 0.37, 0.89, 0.62]]],
  [
    corpus,
    "jpg_cmyk_swop.jpg",
    [
      [0.56, 0.19, 0.645, 0.35],
      [0.61, 0.49, 0.67, 0.63],
    ],
  ],
  [corpus, "exif_orient6_portrait.jpg", [[0.4, 0.61, 0.46, 0.66]]],
];

const side = 1024;

/** Returns the picture as it is, and as an old print: brown, soft, faded and grainy. */
const prints: readonly (readonly [name: string, develop: (picture: Sharp) => Sharp])[] = [
  ["", (picture) => picture],
  [
    "old",
    (picture) =>
      picture.modulate({ saturation: 0 }).blur(1.4).linear(0.6, 60).tint({ r: 150, g: 120, b: 85 }),
  ],
];

/** The whole picture, and a part of it with the people elsewhere. */
const parts: readonly (readonly [name: string, part: Corners])[] = [
  ["", [0, 0, 1, 1]],
  ["left", [0, 0, 0.7, 1]],
];

export async function openPicturesOfPeople(): Promise<readonly PictureOfPeople[]> {
  const pictures: PictureOfPeople[] = [];
  for (const [folder, file, heads] of marked) {
    if (!existsSync(path.join(folder, file))) continue;
    const whole = await sharp(path.join(folder, file))
      .autoOrient()
      .resize(side, side, { fit: "inside", withoutEnlargement: true })
      .toColourspace("srgb")
      .png()
      .toBuffer();
    for (const [partName, part] of parts) {
      const seen = heads.flatMap((head) => within(head, part));
      if (seen.length === 0) continue;
      for (const [printName, develop] of prints) {
        const name = [file, partName, printName].filter((word) => word !== "").join(" ");
        pictures.push({ name, picture: await cut(whole, part, develop), heads: seen });
      }
    }
  }
  return pictures;
}

async function cut(
  whole: Buffer,
  [left, top, right, bottom]: Corners,
  develop: (picture: Sharp) => Sharp,
): Promise<RgbPicture> {
  const { width, height } = await sharp(whole).metadata();
  const box = {
    left: Math.round(left * width),
    top: Math.round(top * height),
    width: Math.round((right - left) * width),
    height: Math.round((bottom - top) * height),
  };
  const { data, info } = await develop(sharp(await sharp(whole).extract(box).toBuffer()))
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** A head in fractions of a part of the picture; none for a head that is cut by the part's edge. */
function within([left, top, right, bottom]: Corners, part: Corners): readonly PhotoBox[] {
  const [x, y] = [part[2] - part[0], part[3] - part[1]];
  if (left < part[0] || right > part[2] || top < part[1] || bottom > part[3]) return [];
  return [
    {
      x: (left - part[0]) / x,
      y: (top - part[1]) / y,
      width: (right - left) / x,
      height: (bottom - top) / y,
    },
  ];
}
