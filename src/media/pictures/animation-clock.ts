/** How long one picture of an animation is shown. */
export interface AnimationClock {
  /**
   * @param claimedSeconds when the file says that the next picture is shown
   * @param durationSeconds how long; null where it does not say
   * @returns when and how long it is shown
   */
  place(
    claimedSeconds: number,
    durationSeconds: number | null,
  ): { seconds: number; durationSeconds: number | null };
  /** True from the first picture on that is not shown as the file says: times then depend on all pictures before. */
  readonly isChanged: boolean;
}

/** By demuxer: whether the pictures after a short one come as the file claims, or are placed for browsers already. */
const laterPictures: ReadonlyMap<string, "as claimed" | "placed"> = new Map([
  ["gif", "as claimed"],
  ["apng", "as claimed"],
  ["webp_anim", "placed"],
]);

/** With room for rounding: GIF counts hundredths of a second, WebP thousandths. */
const shortestSeconds = 0.0105;
const usualSeconds = 0.1;

/**
 * Shows pictures that claim to last 10 ms or less for 100 ms, as Chromium, Firefox and Safari do with GIF, PNG and
 * WebP. Pictures of 20 ms are shown for 20 ms.
 *
 * @returns null for a container of something else
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
