/**
 * Measures the quality of a film: its pictures against a lossless painting of the same film, the loudness of its encoded
 * sound, photos in motion against their planned path, sound against picture, and colours at the end of the chain.
 */
import { mkdir } from "node:fs/promises";
import path from "node:path";

import { createDiskCache } from "../../dist/cache/disk-cache.js";
import { parseRows } from "../../dist/capsule/parse-rows.js";
import { sampleCapsule } from "../../dist/demo/sample-capsule.js";
import { makeSampleMedia } from "../../dist/demo/sample-media.js";
import type { Loudness } from "../../dist/film/model/film.js";
import { getSegment } from "../../dist/film/segments/cached-segments.js";
import type { MakeFilmRequest } from "../../dist/film/make-film.js";
import { encoderSettings, type EncoderSettings } from "../../dist/film/model/quality.js";
import type { BenchEnvironment } from "./bench-environment.js";
import { drawFilm } from "./draw-film.js";
import { measureColour } from "./measure-colour.js";
import { measuredMotions, measureMotion, type MotionDeviation } from "./measure-motion.js";
import { findVmafProgram, measurePicture, type PictureQuality } from "./measure-picture.js";
import { measureSync, type SyncDeviation } from "./measure-sync.js";
import { renderCapsule } from "./render-capsule.js";

export interface BenchQualityOptions extends BenchEnvironment {
  /** Name of a program `ffmpeg`; where it has no libvmaf, SSIM is measured instead. */
  readonly ffmpeg: string;
}

export interface BenchQualityResult {
  readonly encoder: EncoderSettings;
  readonly picture: PictureQuality & { readonly bitsPerSecond: number };
  readonly sound: Loudness;
  /** Figures of the worst measured motion, encoded. */
  readonly motion: Omit<MotionDeviation, "placeCount">;
  readonly sync: SyncDeviation;
  /** CIEDE2000 of a test card that was saved losslessly and as JPEG. */
  readonly colour: Readonly<Record<"png" | "jpeg", { readonly mean: number; readonly worst: number }>>;
}

const capsuleId = "6f1f2c5e-2f0b-4d7e-9d6a-0c1f5a7e3b21";
const cacheBytes = 1e12;
/** Sync depends on frames and samples, not on pixels. */
const syncSize = { width: 640, height: 360 };

/** @throws KeepsakeError those of the film; the signal's reason */
export async function benchQuality(options: BenchQualityOptions): Promise<BenchQualityResult> {
  const { folder, cores, log, signal } = options;
  const reportStep = options.onStep ?? (() => undefined);
  const settings = { ...options.settings, maxBytes: null };
  const encoder = encoderSettings[settings.quality];

  reportStep("making the film of the sample capsule");
  const media = path.join(folder, "capsule");
  await makeSampleMedia(media, { signal });
  const { capsule, messages } = sampleCapsule({ capsuleId });
  const cache = createDiskCache({ folder: path.join(folder, "cache"), limitBytes: cacheBytes, log });
  const made = path.join(folder, "film");
  await mkdir(made, { recursive: true });
  const content = parseRows(capsule, messages);
  const { film, request } = await renderCapsule({
    content,
    media,
    settings,
    cache,
    cores,
    folder: made,
    log,
    signal,
  });

  reportStep("painting it again without loss, and comparing");
  const vmafProgram = await findVmafProgram(options.ffmpeg, { folder, signal });
  const picture = await pictureOf(request, encoder, { ...options, vmafProgram });

  reportStep("measuring motion, sync and colours");
  const motions: MotionDeviation[] = [];
  for (const motion of Object.values(measuredMotions)) {
    motions.push(await measureMotion({ motion, encoder, folder }, signal));
  }
  const worst = (figure: keyof MotionDeviation) => Math.max(...motions.map((motion) => motion[figure]));
  const syncFolder = path.join(folder, "sync");
  await mkdir(syncFolder, { recursive: true });
  const syncSettings = { ...settings, ...syncSize };
  const sync = await measureSync({
    settings: syncSettings,
    wordsBetween: 10,
    cores,
    folder: syncFolder,
    log,
    signal,
  });
  const png = await measureColour({ format: "png", encoder, folder, signal });
  const jpeg = await measureColour({ format: "jpeg", encoder, folder, signal });
  return {
    encoder,
    picture: { ...picture, bitsPerSecond: (8 * film.sizeBytes) / film.durationSeconds },
    sound: film.loudness,
    motion: { rmsPx: worst("rmsPx"), worstPx: worst("worstPx"), worstStepPx: worst("worstStepPx") },
    sync,
    colour: {
      png: { mean: png.mean, worst: png.worst },
      jpeg: { mean: jpeg.mean, worst: jpeg.worst },
    },
  };
}

/** Compares the cached segments of the film with a second painting of their scenes. */
async function pictureOf(
  request: MakeFilmRequest,
  encoder: EncoderSettings,
  options: Pick<BenchQualityOptions, "cores" | "folder" | "signal"> & { readonly vmafProgram: string | null },
): Promise<PictureQuality> {
  const { cache } = request;
  const folder = path.join(options.folder, "again");
  await mkdir(folder, { recursive: true });
  const measured = [];
  for (const { segment, plan } of await drawFilm(request, folder)) {
    const cached = await getSegment(cache, { segment, encoder }, folder);
    if (cached === null) throw new TypeError("A segment of the film is not in the cache.");
    measured.push({ plan, path: cached.path });
  }
  return await measurePicture(measured, { ...options, folder });
}
