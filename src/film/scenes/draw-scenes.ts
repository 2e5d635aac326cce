import { runChild } from "../../process/run-child.js";
import { mapConcurrent } from "../../async/map-concurrent.js";
import type { PictureSettings } from "../model/film-settings.js";
import { mediaPathsOf, type Scene } from "../model/scene.js";
import type { SceneLayers } from "../model/scene-layers.js";

export interface DrawInput {
  readonly scenes: readonly { readonly scene: Scene; readonly fileStem: string }[];
  readonly settings: PictureSettings;
  readonly folder: string;
}

export interface DrawnScene {
  readonly sceneId: string;
  readonly layers: SceneLayers;
}

export interface DrawOptions {
  /** Private and existing folder for the pictures, which belong to the caller. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Number of child processes. */
  readonly concurrency: number;
  readonly onDone?: (sceneId: string) => void;
}

/** Time limit per scene, far more than the slowest takes on a busy machine. */
const secondsPerScene = 20;
/** Enough for the layers of thousands of scenes. */
const maxAnswerBytes = 64 * 1024 ** 2;

/**
 * Draws scenes in child processes. Each draws its share one after the other, so that memory does not grow with the
 * film.
 *
 * @returns layers by scene id
 * @throws KeepsakeError `child-crashed` or `child-timed-out`; the signal's reason when aborted
 */
export async function drawScenes(
  scenes: readonly Scene[],
  settings: PictureSettings,
  { folder, signal, concurrency, onDone }: DrawOptions,
): Promise<Map<string, SceneLayers>> {
  const childCount = Math.max(1, Math.min(concurrency, scenes.length));
  const shares = Array.from({ length: childCount }, (_, child) =>
    scenes
      .map((scene, index) => ({ scene, fileStem: `scene-${index}` }))
      .filter((_scene, index) => index % childCount === child),
  );
  const drawn = await mapConcurrent(shares, childCount, signal, async (share, either) =>
    share.length === 0
      ? []
      : await runChild<DrawInput, readonly DrawnScene[], string>(
          new URL("./draw-child.js", import.meta.url),
          { scenes: share, settings, folder },
          {
            folder,
            reads: share.flatMap(({ scene }) => mediaPathsOf(scene.content)),
            maxAnswerBytes,
            signal: either,
            timeoutSeconds: 60 + share.length * secondsPerScene,
            ...(onDone === undefined ? {} : { onProgress: onDone }),
          },
        ),
  );
  return new Map(drawn.flat().map(({ sceneId, layers }) => [sceneId, layers]));
}
