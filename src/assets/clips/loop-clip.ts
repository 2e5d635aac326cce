import type { ClipAsset } from "../../media/asset.js";

/** An animation repeats until it has been shown for about as long as a photo. */
const minSeconds = 5;

/**
 * Repeats a clip in whole loops for at least five seconds, and for less than ten unless one loop is longer.
 */
export function loopClip(clip: ClipAsset): ClipAsset {
  const loopSeconds = clip.durationSeconds;
  const loops = Math.max(1, Math.ceil(minSeconds / loopSeconds));
  return loops === 1 ? clip : { ...clip, loopSeconds, durationSeconds: loops * loopSeconds };
}
