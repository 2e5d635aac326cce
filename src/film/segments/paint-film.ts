import { mkdir, rm } from "node:fs/promises";
import path from "node:path";

import type { FilmRun } from "../model/film-run.js";
import type { FilmSettings } from "../model/film-settings.js";
import { encoderSettings, worstCrf } from "../model/quality.js";
import type { Scene } from "../model/scene.js";
import type { InspectedSegment, PlannedSegment } from "../model/segments.js";
import type { Storyboard } from "../plan/storyboard.js";
import { fitSegments, usualCrfPerHalving } from "../sizing/fit-segments.js";
import { filmTooLarge, smallerSizes } from "../sizing/size-budget.js";
import { openSegmentMaker } from "./make-segments.js";
import { planSegments } from "./plan-segments.js";

/** All pictures of a film. */
export interface PaintedFilm {
  /** Segments in film order. */
  readonly segments: readonly InspectedSegment[];
  readonly width: number;
  readonly height: number;
  /** CRF of the best and of the worst segment. */
  readonly bestCrf: number;
  readonly worstCrf: number;
  /** Frames encoded or read from the cache. Frames that were encoded twice to fit the size count twice. */
  readonly encodedFrames: number;
}

/**
 * Paints and encodes all pictures of a film, in smaller sizes where a limit demands it.
 *
 * @param budget bytes of all segments together, and of the whole film, which includes them; null where nothing limits
 *   them
 * @throws KeepsakeError `film-too-large` when even the smallest picture does not fit
 */
export async function paintFilm(
  storyboard: Storyboard,
  budget: { readonly pictureBytes: number; readonly maxBytes: number } | null,
  run: FilmRun,
): Promise<PaintedFilm> {
  if (budget === null) return await paintUnlimited(storyboard, run);
  const { pictureBytes, maxBytes } = budget;
  if (pictureBytes <= 0) throw filmTooLarge(maxBytes);
  const sizes = smallerSizes(run.settings);
  for (const [step, size] of sizes.entries()) {
    const settings = { ...run.settings, ...size };
    const isLast = step === sizes.length - 1;
    // Each size has its own folder, which is removed when the size does not fit.
    const folder = path.join(run.folder, `${size.width}x${size.height}`);
    await mkdir(folder, { recursive: true });
    const fitted = await paintToFit(storyboard, { pictureBytes, isLast }, { ...run, settings, folder });
    if (fitted !== null) return fitted;
    await rm(folder, { recursive: true });
  }
  throw filmTooLarge(maxBytes);
}

async function paintUnlimited(storyboard: Storyboard, run: FilmRun): Promise<PaintedFilm> {
  const { settings } = run;
  const encoder = encoderSettings[settings.quality];
  const segments = planSegments(storyboard, settings);
  await using maker = openSegmentMaker(storyboard, run);
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
  run: FilmRun,
): Promise<PaintedFilm | null> {
  const { settings } = run;
  const encoder = encoderSettings[settings.quality];
  const segments = planSegments(storyboard, settings);
  await using maker = openSegmentMaker(storyboard, run);
  const made = new Map<number, InspectedSegment>();
  const fitted = await fitSegments({
    spans: segments.map((segment) => ({ frameCount: segment.plan.frameCount, isStill: isStill(segment) })),
    pictureBytes,
    bestCrf: encoder.crf,
    guessCrf: guessCrf(segments, settings, pictureBytes),
    worstCrf: isLast ? 51 : worstCrf,
    async encode(tasks) {
      const done = await maker.make(
        tasks.map(({ index, crf }) => ({
          segment: segments[index] as PlannedSegment,
          encoder: { ...encoder, crf },
        })),
      );
      for (const [place, { index }] of tasks.entries()) {
        const [before, now] = [made.get(index), done[place] as InspectedSegment];
        made.set(index, now);
        if (before !== undefined && before.path !== now.path) await removeSegment(before);
      }
      return done;
    },
  });
  if (fitted === null || fitted.sizeBytes > pictureBytes) return null;
  return {
    segments: segments.map(({ index }) => made.get(index) as InspectedSegment),
    ...sizeOf(settings),
    bestCrf: Math.min(...fitted.crfs),
    worstCrf: Math.max(...fitted.crfs),
    encodedFrames: fitted.encodedFrames,
  };
}

/** Bits per pixel at CRF 16 of still and of moving pictures with usual detail, measured on the demo's film. */
const [stillBits, movingBits, bitsCrf] = [0.006, 0.1, 16] as const;

/** Estimates the CRF that pictures with the usual amount of detail would need. */
function guessCrf(
  segments: readonly PlannedSegment[],
  { width, height }: FilmSettings,
  pictureBytes: number,
): number {
  const bits = segments.reduce((sum, segment) => {
    const bitsPerPixel = isStill(segment) ? stillBits : movingBits;
    return sum + segment.plan.frameCount * width * height * bitsPerPixel;
  }, 0);
  return bitsCrf + usualCrfPerHalving * Math.log2(bits / (8 * pictureBytes));
}

/** Whether most of a segment stands still: cards of words, the closing. */
function isStill({ plan }: PlannedSegment): boolean {
  const stillFrames = plan.scenes
    .filter(({ content }) => isStillContent(content))
    .reduce((sum, { firstFrame, frameCount }) => {
      const first = Math.max(0, firstFrame);
      return sum + Math.max(0, Math.min(plan.frameCount, firstFrame + frameCount) - first);
    }, 0);
  return stillFrames * 2 > plan.frameCount;
}

function isStillContent(content: Scene["content"]): boolean {
  if (content.kind === "voice") return content.photo === null;
  return content.kind === "words" || content.kind === "closing" || content.kind === "opening";
}

async function removeSegment({ path: segment, thumbnails }: InspectedSegment): Promise<void> {
  for (const file of [segment, thumbnails]) await rm(file);
}

function sizeOf({ width, height }: FilmSettings): Pick<FilmSettings, "width" | "height"> {
  return { width, height };
}
