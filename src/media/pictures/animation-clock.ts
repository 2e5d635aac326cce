/** Decides when and how long each picture of an animation is shown. */
export interface AnimationClock {
  /**
   * @param claimedSeconds time of the next picture in the file
   * @param durationSeconds its duration in the file; null when the file has none
   * @returns time and duration with which it is shown
   */
  place(
    claimedSeconds: number,
    durationSeconds: number | null,
  ): { seconds: number; durationSeconds: number | null };
  /** True as soon as the times of the file were changed: then times depend on all earlier pictures. */
  readonly isChanged: boolean;
}

/** Whether the demuxer returns the times of pictures after a short one as in the file, or already adapted as in browsers. */
const laterPictures: ReadonlyMap<string, "as claimed" | "placed"> = new Map([
  ["gif", "as claimed"],
  ["apng", "as claimed"],
  ["webp_anim", "placed"],
]);

/** 10 ms and a margin for rounding: GIF counts hundredths of a second, WebP thousandths. */
const shortestSeconds = 0.0105;
const usualSeconds = 0.1;

/**
 * Shows pictures that claim to last 10 ms or less for 100 ms, as Chromium, Firefox and Safari do with GIF, PNG and
 * WebP. Pictures of 20 ms are shown for 20 ms.
 *
 * @returns null for a container that is not for animations
 */
export function createAnimationClock(demuxer: string): AnimationClock | null {
  const later = laterPictures.get(demuxer);
  if (later === undefined) return null;
  let lateSeconds = 0;
  return {
    place(claimedSeconds, durationSeconds) {
      const seconds = claimedSeconds + lateSeconds;
      if (durationSeconds === null || durationSeconds > shortestSeconds) return { seconds, durationSeconds };
      if (later === "as claimed") lateSeconds += usualSeconds - durationSeconds;
      return { seconds, durationSeconds: usualSeconds };
    },
    get isChanged() {
      return lateSeconds > 0;
    },
  };
}
