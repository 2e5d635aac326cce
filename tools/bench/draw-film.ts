import type { MakeFilmRequest } from "../../dist/film/make-film.js";
import { pictureSettings } from "../../dist/film/model/film-settings.js";
import { photoOf } from "../../dist/film/model/scene.js";
import type { PaintPlan, PlannedSegment } from "../../dist/film/model/segments.js";
import { planFilm } from "../../dist/film/plan/plan-film.js";
import { drawScenes } from "../../dist/film/scenes/draw-scenes.js";
import { placeLayers } from "../../dist/film/segments/encode-segments.js";
import { planSegments } from "../../dist/film/segments/plan-segments.js";

/** A segment as a film plans it, and what its painter needs. */
export interface DrawnSegment {
  readonly segment: PlannedSegment;
  readonly plan: PaintPlan;
}

/**
 * Draws all scenes of a film that was made before, so that its frames can be painted once more.
 *
 * @param folder for the layers; must exist
 * @returns the segments in film order
 */
export async function drawFilm(request: MakeFilmRequest, folder: string): Promise<DrawnSegment[]> {
  const { settings, decodePhotos, signal, cores } = request;
  const { storyboard } = await planFilm({ ...request, folder });
  // Making the film removed its decoded photos.
  await decodePhotos(
    storyboard.scenes.flatMap(({ content }) => photoOf(content) ?? []),
    signal,
  );
  const layersByScene = await drawScenes(storyboard.scenes, pictureSettings(settings), {
    folder,
    signal,
    concurrency: cores,
  });
  return planSegments(storyboard, settings).map((segment) => ({
    segment,
    plan: placeLayers(segment.plan, layersByScene),
  }));
}
