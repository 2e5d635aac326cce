import { mkdir, rm } from "node:fs/promises";
import path from "node:path";

import { planFilmSegments, type FilmSegment } from "./plan-segments.js";
import type { FilmSettings } from "../model/film-settings.js";
import { openSegmentMaker, type MadeSegment, type SegmentMakerOptions } from "./make-segments.js";
import { encoderSettings, worstCrf } from "../model/quality.js";
import type { Scene } from "../model/scene.js";
import { filmTooLarge } from "../sizing/film-too-large.js";
import { fitSegments, usualCrfPerHalving } from "../sizing/fit-segments.js";
import { smallerSizes } from "../sizing/smaller-sizes.js";
import type { Storyboard } from "../plan/storyboard.js";

/** All pictures of a film. */
export interface PaintedFilm {
  /** In film order. */
  readonly segments: readonly MadeSegment[];
  readonly width: number;
  readonly height: number;
  /** Of the best and of the worst segment. */
  readonly bestCrf: number;
  readonly worstCrf: number;
  /** Frames encoded or taken from the cache to get there; those made twice for the size's sake count twice. */
  readonly encodedFrames: number;
}

/**
 * @param budget bytes of all segments together, and the film's, which they are part of; null where nothing limits them
 * @throws KeepsakeError `film-too-large` when even the smallest picture does not fit
 */
export async function paintFilm(
  storyboard: Storyboard,
  budget: { readonly pictureBytes: number; readonly maxBytes: number } | null,
  options: SegmentMakerOptions,
): Promise<PaintedFilm> {
  if (budget === null) return await paintFreely(storyboard, options);
  const { pictureBytes, maxBytes } = budget;
  if (pictureBytes <= 0) throw filmTooLarge(maxBytes);
  const sizes = smallerSizes(options.settings);
  for (const [step, size] of sizes.entries()) {
    const settings = { ...options.settings, ...size };
    const isLast = step === sizes.length - 1;
    // Each size has a folder of its own, which goes with it.
    const folder = path.join(options.folder, `${size.width}x${size.height}`);
    await mkdir(folder, { recursive: true });
    const fitted = await paintToFit(storyboard, { pictureBytes, isLast }, { ...options, settings, folder });
    if (fitted !== null) return fitted;
    await rm(folder, { recursive: true });
  }
  throw filmTooLarge(maxBytes);
}

async function paintFreely(storyboard: Storyboard, options: SegmentMakerOptions): Promise<PaintedFilm> {
  const { settings } = options;
  const encoder = encoderSettings[settings.quality];
  const segments = planFilmSegments(storyboard, settings);
  await using maker = openSegmentMaker(storyboard, options);
  return {
    segments: await maker.make(segments.map((segment) => ({ segment, encoder }))),
    ...sizeOf(settings),
    bestCrf: encoder.crf,
    worstCrf: encoder.crf,
    encodedFrames: storyboard.frameCount,
  };
}

/** @returns null when a smaller picture would look better */
async function paintToFit(
  storyboard: Storyboard,
  { pictureBytes, isLast }: { readonly pictureBytes: number; readonly isLast: boolean },
  options: SegmentMakerOptions,
): Promise<PaintedFilm | null> {
  const { settings } = options;
  const encoder = encoderSettings[settings.quality];
  const segments = planFilmSegments(storyboard, settings);
  await using maker = openSegmentMaker(storyboard, options);
  const made = new Map<number, MadeSegment>();
  const fitted = await fitSegments({
    spans: segments.map((segment) => ({ frameCount: segment.plan.frameCount, isStill: isStill(segment) })),
    pictureBytes,
    bestCrf: encoder.crf,
    guessCrf: guessCrf(segments, settings, pictureBytes),
    worstCrf: isLast ? 51 : worstCrf,
    async encode(tasks) {
      const done = await maker.make(
        tasks.map(({ index, crf }) => ({
          segment: segments[index] as FilmSegment,
          encoder: { ...encoder, crf },
        })),
      );
      for (const [place, { index }] of tasks.entries()) {
        const [before, now] = [made.get(index), done[place] as MadeSegment];
        made.set(index, now);
        if (before !== undefined && before.path !== now.path) await dropSegment(before);
      }
      return done;
    },
  });
  if (fitted === null || fitted.sizeBytes > pictureBytes) return null;
  return {
    segments: segments.map(({ index }) => made.get(index) as MadeSegment),
    ...sizeOf(settings),
    bestCrf: Math.min(...fitted.crfs),
    worstCrf: Math.max(...fitted.crfs),
    encodedFrames: fitted.encodedFrames,
  };
}

/** Bits a pixel at CRF 16, of still and of moving pictures with common detail (measured on the demo's film). */
const [stillBits, movingBits, bitsCrf] = [0.006, 0.1, 16] as const;

/** The CRF that pictures of common detail would need. */
function guessCrf(
  segments: readonly FilmSegment[],
  { width, height }: FilmSettings,
  pictureBytes: number,
): number {
  const bits = segments.reduce((sum, segment) => {
    const bitsPerPixel = isStill(segment) ? stillBits : movingBits;
    return sum + segment.plan.frameCount * width * height * bitsPerPixel;
  }, 0);
  return bitsCrf + usualCrfPerHalving * Math.log2(bits / (8 * pictureBytes));
}

/** Most of it stands still: cards of words, the closing. */
function isStill({ plan }: FilmSegment): boolean {
  const stillFrames = plan.scenes
    .filter(({ content }) => stands(content))
    .reduce((sum, { firstFrame, frameCount }) => {
      const first = Math.max(0, firstFrame);
      return sum + Math.max(0, Math.min(plan.frameCount, firstFrame + frameCount) - first);
    }, 0);
  return stillFrames * 2 > plan.frameCount;
}

function stands(content: Scene["content"]): boolean {
  if (content.kind === "voice") return content.photo === null;
  return content.kind === "words" || content.kind === "closing" || content.kind === "opening";
}

async function dropSegment({ path: segment, looks }: MadeSegment): Promise<void> {
  for (const file of [segment, looks]) await rm(file);
}

function sizeOf({ width, height }: FilmSettings): Pick<FilmSettings, "width" | "height"> {
  return { width, height };
}
