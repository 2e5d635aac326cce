import type { DevelopPhotos } from "../assets/asset.js";
import type { DiskCache } from "../cache/disk-cache.js";
import type { ReportProgress } from "../progress.js";
import { drawScenes } from "./draw-scenes.js";
import { encodeSegments } from "./encode-segments.js";
import { planFilmSegments, type FilmSegment } from "./film-segments.js";
import { pictureSettings, type FilmSettings } from "./film-settings.js";
import type { InspectedSegment } from "./inspect-segment.js";
import { keepSegment, takeSegment } from "./kept-segments.js";
import { encoderSettings } from "./quality.js";
import { photoOf, type Scene } from "./scene.js";
import type { ScenePaint } from "./scene-paint.js";
import type { Storyboard } from "./storyboard.js";

export interface PaintFilmOptions {
  readonly settings: FilmSettings;
  readonly cache: DiskCache;
  readonly developPhotos: DevelopPhotos;
  /** Children that draw or encode at the same time. */
  readonly cores: number;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress: ReportProgress;
}

/**
 * All pictures of a film. Segments that were made before, for another film or before a crash, are taken from the
 * cache; only the scenes of the others are drawn. Each segment is kept as soon as it is made.
 *
 * @returns segments in film order
 */
export async function paintFilm(
  storyboard: Storyboard,
  options: PaintFilmOptions,
): Promise<readonly InspectedSegment[]> {
  const { settings, cache, cores, folder, signal, onProgress } = options;
  const encoder = encoderSettings[settings.quality];
  const segments = planFilmSegments(storyboard, settings);
  const ready = new Map<FilmSegment, InspectedSegment>();
  for (const segment of segments) {
    signal.throwIfAborted();
    const kept = await takeSegment(cache, segment, encoder, folder);
    if (kept !== null) ready.set(segment, kept);
  }
  const missing = segments.filter((segment) => !ready.has(segment));
  const shown = new Set(missing.flatMap(({ plan }) => plan.scenes.map(({ id }) => id)));
  const paints = await drawFilm(
    storyboard.scenes.filter(({ id }) => shown.has(id)),
    options,
  );

  const doneFrames = new Map([...ready].map(([segment, { frameCount }]) => [segment, frameCount]));
  const report = (): void => {
    const done = [...doneFrames.values()].reduce((sum, frames) => sum + frames, 0);
    onProgress({ stage: "painting", done, total: storyboard.frameCount, unit: "frames" });
  };
  report();
  await encodeSegments(missing, paints, {
    encoder,
    folder,
    signal,
    cores,
    onFrames(segment, framesDone) {
      doneFrames.set(segment, framesDone);
      report();
    },
    async onEncoded(segment, encoded) {
      ready.set(segment, encoded);
      await keepSegment(cache, segment, encoder, encoded);
    },
  });
  return segments.flatMap((segment) => ready.get(segment) ?? []);
}

async function drawFilm(
  scenes: readonly Scene[],
  { settings, developPhotos, cores, folder, signal, onProgress }: PaintFilmOptions,
): Promise<ReadonlyMap<string, ScenePaint>> {
  await developPhotos(
    scenes.flatMap(({ content }) => photoOf(content) ?? []),
    signal,
  );
  const total = scenes.length;
  let done = 0;
  onProgress({ stage: "drawing", done, total, unit: "scenes" });
  return await drawScenes(scenes, pictureSettings(settings), {
    folder,
    signal,
    concurrency: cores,
    onDone: () => {
      done += 1;
      onProgress({ stage: "drawing", done, total, unit: "scenes" });
    },
  });
}
