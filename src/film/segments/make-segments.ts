import { mkdir, rm } from "node:fs/promises";
import path from "node:path";

import { batchByPhotos } from "../scenes/batch-scenes.js";
import { drawScenes } from "../scenes/draw-scenes.js";
import type { FilmRun } from "../model/film-run.js";
import { pictureSettings } from "../model/film-settings.js";
import { photoOf, type Scene } from "../model/scene.js";
import type { SceneLayers } from "../model/scene-layers.js";
import type { InspectedSegment } from "../model/segments.js";
import { getSegment, storeSegment } from "./cached-segments.js";
import { encodeSegments, type EncodeTask } from "./encode-segments.js";
import { createPaintingPace } from "./painting-pace.js";

/**
 * Makes segments of one film in one picture size, in any number of calls. Disposing of it removes the layers that
 * were drawn.
 */
export interface SegmentMaker extends AsyncDisposable {
  /**
   * Gets the segments that were made before (for another film, or before a crash) from the cache, and makes the
   * others. Only the scenes of those are drawn, each once. Each segment is stored as soon as it is made.
   *
   * @returns segments in the order of the tasks
   * @throws KeepsakeError `film-too-slow` before anything is drawn
   */
  make(tasks: readonly EncodeTask[]): Promise<readonly InspectedSegment[]>;
}

/** @param film `scenes` are those of the whole film */
export function openSegmentMaker(
  film: { readonly scenes: readonly Scene[]; readonly frameCount: number },
  run: FilmRun,
): SegmentMaker {
  const { cache, cores, folder, signal, onProgress } = run;
  const layersByScene = new Map<string, SceneLayers>();
  const drawnFolders: string[] = [];
  const doneFrames = new Map<number, number>();
  const pace = createPaintingPace(run);
  const report = (): void => {
    const done = [...doneFrames.values()].reduce((sum, frames) => sum + frames, 0);
    onProgress({ stage: "painting", done, total: film.frameCount, unit: "frames" });
  };

  return {
    async make(tasks) {
      const ready = new Map<EncodeTask, InspectedSegment>();
      for (const task of tasks) {
        signal.throwIfAborted();
        const cached = await getSegment(cache, task, folder);
        if (cached !== null) ready.set(task, cached);
        doneFrames.set(task.segment.index, cached?.frameCount ?? 0);
      }
      const missing = tasks.filter((task) => !ready.has(task));
      await pace.rejectSlow(missing.reduce((sum, { segment }) => sum + segment.plan.frameCount, 0));
      const shown = new Set(missing.flatMap(({ segment }) => segment.plan.scenes.map(({ id }) => id)));
      const undrawn = film.scenes.filter(({ id }) => shown.has(id) && !layersByScene.has(id));
      const drawnFolder = path.join(folder, `drawn-${drawnFolders.length}`);
      drawnFolders.push(drawnFolder);
      for (const [id, layers] of await drawFilm(undrawn, drawnFolder, run)) layersByScene.set(id, layers);
      report();
      const began = performance.now();
      try {
        await encodeSegments(missing, layersByScene, {
          folder,
          signal,
          cores,
          onFrames({ segment }, framesDone) {
            doneFrames.set(segment.index, framesDone);
            report();
          },
          async onEncoded(task, encoded) {
            ready.set(task, encoded);
            await storeSegment(cache, task, encoded);
          },
        });
      } finally {
        const painted = missing.reduce((sum, { segment }) => sum + (doneFrames.get(segment.index) ?? 0), 0);
        await pace.store(painted, (performance.now() - began) / 1000);
      }
      return tasks.map((task) => {
        const segment = ready.get(task);
        if (segment === undefined) throw new TypeError("A segment was neither cached nor made.");
        return segment;
      });
    },

    async [Symbol.asyncDispose]() {
      for (const drawnFolder of drawnFolders) await rm(drawnFolder, { recursive: true, force: true });
    },
  };
}

/**
 * Draws scenes in batches. The decoded photos of a batch are removed after it, so that the disk does not hold all
 * photos of the film at once.
 */
async function drawFilm(
  scenes: readonly Scene[],
  folder: string,
  { settings, decodePhotos, cores, signal, onProgress }: FilmRun,
): Promise<ReadonlyMap<string, SceneLayers>> {
  const layersByScene = new Map<string, SceneLayers>();
  const total = scenes.length;
  if (total === 0) return layersByScene;
  let done = 0;
  const report = (): void => onProgress({ stage: "drawing", done, total, unit: "scenes" });
  for (const [index, batch] of batchByPhotos(scenes).entries()) {
    const batchFolder = path.join(folder, String(index));
    await mkdir(batchFolder, { recursive: true });
    await using _ = await decodePhotos(
      batch.flatMap(({ content }) => photoOf(content) ?? []),
      signal,
    );
    if (index === 0) report();
    const drawn = await drawScenes(batch, pictureSettings(settings), {
      folder: batchFolder,
      signal,
      concurrency: cores,
      onDone: () => {
        done += 1;
        report();
      },
    });
    for (const [id, layers] of drawn) layersByScene.set(id, layers);
  }
  return layersByScene;
}
