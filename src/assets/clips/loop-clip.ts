import type { ClipAsset } from "../../media/asset.js";

/** An animation is shown for about as long as a photo: again and again until it has been seen for so long. */
const leastSeconds = 5;

/** Whole turns: at least five seconds, and less than twice as many unless one turn alone is longer. */
export function loopClip(clip: ClipAsset): ClipAsset {
  const loopSeconds = clip.durationSeconds;
  const turns = Math.max(1, Math.ceil(leastSeconds / loopSeconds));
  return turns === 1 ? clip : { ...clip, loopSeconds, durationSeconds: turns * loopSeconds };
}
