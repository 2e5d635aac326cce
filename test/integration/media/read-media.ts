import { createHash } from "node:crypto";
import { mkdtemp, readFile } from "node:fs/promises";
import path from "node:path";

import type { ClipAsset, SoundAsset } from "../../../dist/media/asset.js";
import { prepareFile } from "../../../dist/assets/prepare-file.js";
import { openClip } from "../../../dist/media/pictures/open-clip.js";

const fps = 30;
const width = 160;
const height = 120;

export interface ClipColours {
  /** Red, green and blue in the middle of each quarter: upper left and right, lower left and right. */
  readonly quarters: readonly (readonly number[])[];
  readonly middle: readonly number[];
}

export interface MeasuredMedia {
  readonly clip: ClipAsset | null;
  readonly sound: SoundAsset | null;
  readonly remarks: readonly string[];
  /** The first, the middle and the last picture of the clip in the film. */
  readonly pictures: readonly ClipColours[];
  /** When the middle is first bright; null where it never is. */
  readonly flashSeconds: number | null;
  /** When it is bright again, after it was dark; null where it is not. */
  readonly secondFlashSeconds: number | null;
  /** When it is first loud; null where it never is. */
  readonly toneSeconds: number | null;
  /** Peak of the left and of the right side. */
  readonly peaks: readonly number[];
  /** Pictures of the film that differ from the one before. */
  readonly changedCount: number;
}

/** Prepares a file, and measures its pictures and its sound as the film plays them. */
export async function measureMedia(file: string, folder: string): Promise<MeasuredMedia> {
  const own = await mkdtemp(path.join(folder, "prepared-"));
  const sha256 = createHash("sha256").update(file).digest("hex");
  const { asset, remarks } = await prepareFile({ path: file, sha256, folder: own });
  const clip = asset.kind === "clip" ? asset : null;
  const sound = asset.kind === "sound" ? asset : (clip?.sound ?? null);
  return {
    clip,
    sound,
    remarks,
    ...(await measurePictures(clip)),
    ...(await measureSound(sound)),
  };
}

async function measurePictures(
  clip: ClipAsset | null,
): Promise<Pick<MeasuredMedia, "pictures" | "flashSeconds" | "secondFlashSeconds" | "changedCount">> {
  if (clip === null) return { pictures: [], flashSeconds: null, secondFlashSeconds: null, changedCount: 0 };
  const count = Math.max(1, Math.round(clip.durationSeconds * fps));
  const wanted = new Set([0, Math.floor(count / 2), count - 1]);
  const pictures: ClipColours[] = [];
  const flashes: number[] = [];
  let wasBright = false;
  let changedCount = 0;
  await using opened = await openClip(clip, { width, height, fps, firstFrame: 0 });
  for (let frame = 0; frame < count; frame += 1) {
    const { picture, changed } = await opened.next();
    if (changed) changedCount += 1;
    const middle = colourAt(picture, 0.5, 0.5);
    const isBright = (middle[1] ?? 0) > 160;
    if (isBright && !wasBright) flashes.push(frame / fps);
    wasBright = isBright;
    const places = [0.2, 0.8].flatMap((y) => [0.2, 0.8].map((x) => [x, y] as const));
    if (wanted.has(frame))
      pictures.push({ quarters: places.map(([x, y]) => colourAt(picture, x, y)), middle });
  }
  const [flash = null, second = null] = flashes;
  return { pictures, flashSeconds: flash, secondFlashSeconds: second, changedCount };
}

/** sRGB of BT.709 in limited range at a place given in fractions. */
function colourAt(i420: Uint8Array, x: number, y: number): number[] {
  const [column, row] = [Math.floor(x * width), Math.floor(y * height)];
  const chroma = (row >> 1) * (width / 2) + (column >> 1);
  const luma = ((i420[row * width + column] ?? 0) - 16) * (255 / 219);
  const blue = ((i420[width * height + chroma] ?? 0) - 128) * (255 / 224);
  const red = ((i420[width * height * 1.25 + chroma] ?? 0) - 128) * (255 / 224);
  const rgb = [luma + 1.5748 * red, luma - 0.1873 * blue - 0.4681 * red, luma + 1.8556 * blue];
  return rgb.map((value) => Math.min(255, Math.max(0, value)));
}

async function measureSound(sound: SoundAsset | null): Promise<Pick<MeasuredMedia, "toneSeconds" | "peaks">> {
  if (sound === null) return { toneSeconds: null, peaks: [0, 0] };
  const bytes = await readFile(sound.path);
  const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const first = samples.findIndex((value) => Math.abs(value) > 0.1);
  const peaks = [0, 1].map((side) =>
    samples.reduce((peak, value, index) => (index % 2 === side ? Math.max(peak, Math.abs(value)) : peak), 0),
  );
  return { toneSeconds: first === -1 ? null : Math.floor(first / 2) / 48_000, peaks };
}
