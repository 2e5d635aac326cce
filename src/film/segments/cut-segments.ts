import type { FrameSpan } from "../model/segments.js";

/** Long scenes are cut at this length: ten seconds at 30 fps, a good amount of work for one process. */
const maxFrames = 300;
/** Minimum length of a piece of a cut scene: one closed group of pictures at 30 fps. */
const minFrames = 60;

/**
 * Cuts a film into segments that are painted and encoded independently. A cut lies where a scene is first alone on
 * screen (its dissolve is over), and every 300 frames from there. A scene that is inserted or changed therefore affects
 * its own segments and the one before it; all others stay unchanged.
 *
 * @param scenes in film order, the first at frame 0, neighbours overlapping by `dissolveFrames`
 * @returns segments in film order, each of at least one frame, covering the film exactly
 */
export function cutSegments(
  scenes: readonly FrameSpan[],
  film: { readonly dissolveFrames: number; readonly filmFrameCount: number },
): FrameSpan[] {
  const sceneCuts = scenes.slice(1).map((scene) => scene.firstFrame + film.dissolveFrames);
  const segments: FrameSpan[] = [];
  let firstFrame = 0;
  for (const end of [...sceneCuts, film.filmFrameCount]) {
    const last = Math.min(end, film.filmFrameCount);
    while (last - firstFrame >= maxFrames + minFrames) {
      segments.push({ firstFrame, frameCount: maxFrames });
      firstFrame += maxFrames;
    }
    if (last > firstFrame) segments.push({ firstFrame, frameCount: last - firstFrame });
    firstFrame = Math.max(firstFrame, last);
  }
  return segments;
}
