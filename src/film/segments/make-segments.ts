import { mkdir, rm, stat } from "node:fs/promises";
import path from "node:path";

import type { DecodePhotos } from "../../media/asset.js";
import type { DiskCache } from "../../cache/disk-cache.js";
import type { ReportProgress } from "../../progress.js";
import { batchByPhotos } from "../scenes/batch-scenes.js";
import { drawScenes } from "../scenes/draw-scenes.js";
import { encodeSegments, type SegmentTask } from "./encode-segments.js";
import { pictureSettings, type FilmSettings } from "../model/film-settings.js";
import type { InspectedSegment } from "../inspection/inspect-segment.js";
import { keepSegment, takeSegment } from "./cached-segments.js";
import { createPaintingPace } from "./painting-pace.js";
import { photoOf, type Scene } from "../model/scene.js";
import type { ScenePaint } from "../model/scene-paint.js";

/** Makes segments of a film, of one picture size, in as many goes as it takes. What was drawn goes with it. */
export interface SegmentMaker extends AsyncDisposable {
  /**
   * Segments that were made before, for another film or before a crash, are taken from the cache; only scenes of the
   * others are drawn, each once. Each segment is kept as soon as it is made.
   *
   * @returns in the order of the tasks
   * @throws KeepsakeError `film-too-slow` before anything is drawn
   */
  make(tasks: readonly SegmentTask[]): Promise<readonly MadeSegment[]>;
}

export interface MadeSegment extends InspectedSegment {
  readonly sizeBytes: number;
}

export interface SegmentMakerOptions {
  readonly settings: FilmSettings;
  readonly cache: DiskCache;
  readonly decodePhotos: DecodePhotos;
  /** Children that draw or encode at the same time. */
  readonly cores: number;
  /** What one attempt at the film may take; null: as long as it likes. */
  readonly mostSeconds: number | null;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress: ReportProgress;
}

/** @param scenes of the whole film */
export function openSegmentMaker(
  film: { readonly scenes: readonly Scene[]; readonly frameCount: number },
  options: SegmentMakerOptions,
): SegmentMaker {
  const { cache, cores, folder, signal, onProgress } = options;
  const paints = new Map<string, ScenePaint>();
  const drawnIn: string[] = [];
  const doneFrames = new Map<number, number>();
  const pace = createPaintingPace(options);
  const report = (): void => {
    const done = [...doneFrames.values()].reduce((sum, frames) => sum + frames, 0);
    onProgress({ stage: "painting", done, total: film.frameCount, unit: "frames" });
  };

  return {
    async make(tasks) {
      const ready = new Map<SegmentTask, InspectedSegment>();
      for (const task of tasks) {
        signal.throwIfAborted();
        const kept = await takeSegment(cache, task, folder);
        if (kept !== null) ready.set(task, kept);
        doneFrames.set(task.segment.index, kept?.frameCount ?? 0);
      }
      const missing = tasks.filter((task) => !ready.has(task));
      await pace.refuseSlow(missing.reduce((sum, { segment }) => sum + segment.plan.frameCount, 0));
      const shown = new Set(missing.flatMap(({ segment }) => segment.plan.scenes.map(({ id }) => id)));
      const undrawn = film.scenes.filter(({ id }) => shown.has(id) && !paints.has(id));
      const drawn = path.join(folder, `drawn-${drawnIn.length}`);
      drawnIn.push(drawn);
      for (const [id, paint] of await drawFilm(undrawn, drawn, options)) paints.set(id, paint);
      report();
      const began = performance.now();
      try {
        await encodeSegments(missing, paints, {
          folder,
          signal,
          cores,
          onFrames({ segment }, framesDone) {
            doneFrames.set(segment.index, framesDone);
            report();
          },
          async onEncoded(task, encoded) {
            ready.set(task, encoded);
            await keepSegment(cache, task, encoded);
          },
        });
      } finally {
        const painted = missing.reduce((sum, { segment }) => sum + (doneFrames.get(segment.index) ?? 0), 0);
        await pace.keep(painted, (performance.now() - began) / 1000);
      }
      return await Promise.all(
        tasks.map(async (task): Promise<MadeSegment> => {
          const segment = ready.get(task);
          if (segment === undefined) throw new TypeError("A segment was neither kept nor made.");
          return { ...segment, sizeBytes: (await stat(segment.path)).size };
        }),
      );
    },

    async [Symbol.asyncDispose]() {
      for (const drawn of drawnIn) await rm(drawn, { recursive: true, force: true });
    },
  };
}

/** In batches whose photos are decoded, drawn and removed, so that the disk of a film does not grow by all of them. */
async function drawFilm(
  scenes: readonly Scene[],
  folder: string,
  { settings, decodePhotos, cores, signal, onProgress }: SegmentMakerOptions,
): Promise<ReadonlyMap<string, ScenePaint>> {
  const paints = new Map<string, ScenePaint>();
  const total = scenes.length;
  if (total === 0) return paints;
  let done = 0;
  const report = (): void => onProgress({ stage: "drawing", done, total, unit: "scenes" });
  for (const [index, batch] of batchByPhotos(scenes).entries()) {
    const own = path.join(folder, String(index));
    await mkdir(own, { recursive: true });
    await using _ = await decodePhotos(
      batch.flatMap(({ content }) => photoOf(content) ?? []),
      signal,
    );
    if (index === 0) report();
    const drawn = await drawScenes(batch, pictureSettings(settings), {
      folder: own,
      signal,
      concurrency: cores,
      onDone: () => {
        done += 1;
        report();
      },
    });
    for (const [id, paint] of drawn) paints.set(id, paint);
  }
  return paints;
}
