/** Whole frames in a row. */
export interface FrameSpan {
  readonly firstFrame: number;
  readonly frameCount: number;
}

/** Long scenes are cut here: ten seconds at 30 fps, a fair share of work for one process. */
const longestFrames = 300;
/** No piece of a cut scene is shorter: one closed group of pictures at 30 fps. */
const shortestFrames = 60;

/**
 * Cuts a film into segments that are painted and encoded by themselves. Cuts lie where a scene is alone on screen
 * for the first time (its dissolve is over) and every 300 frames from there, so a scene that is inserted or
 * changed touches its own segments and the one before it, and all others stay what they were.
 *
 * @param scenes in film order, the first at frame 0, neighbours overlapping by `dissolveFrames`
 * @returns segments in film order, each of at least one frame, covering the film exactly
 */
export function planSegments(
  scenes: readonly FrameSpan[],
  film: { readonly dissolveFrames: number; readonly filmFrameCount: number },
): FrameSpan[] {
  const sceneCuts = scenes.slice(1).map((scene) => scene.firstFrame + film.dissolveFrames);
  const segments: FrameSpan[] = [];
  let firstFrame = 0;
  for (const end of [...sceneCuts, film.filmFrameCount]) {
    const last = Math.min(end, film.filmFrameCount);
    while (last - firstFrame >= longestFrames + shortestFrames) {
      segments.push({ firstFrame, frameCount: longestFrames });
      firstFrame += longestFrames;
    }
    if (last > firstFrame) segments.push({ firstFrame, frameCount: last - firstFrame });
    firstFrame = Math.max(firstFrame, last);
  }
  return segments;
}
