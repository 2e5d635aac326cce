/** How long one picture of an animation is shown. */
export interface AnimationClock {
  /**
   * @param claimedSeconds when the file says that the next picture is shown
   * @param durationSeconds how long; null where it does not say
   * @returns when and how long it is shown
   */
  place(claimedSeconds: number, durationSeconds: number | null): { seconds: number; durationSeconds: number | null };
  /** True from the first picture on that is not shown as the file says: times then depend on all pictures before. */
  readonly isChanged: boolean;
}

/** Demuxers of image formats, in which each picture says how long it is shown. */
const imageDemuxers: ReadonlySet<string> = new Set(["gif", "apng", "webp_anim"]);

export function isImageDemuxer(demuxer: string): boolean {
  return imageDemuxers.has(demuxer);
}

/** With room for rounding: GIF counts hundredths of a second, WebP thousandths. */
const shortestSeconds = 0.0105;
const usualSeconds = 0.1;

/**
 * Shows pictures that claim to last 10 ms or less for 100 ms, as Chromium, Firefox and Safari do with GIF, PNG and
 * WebP: whoever wrote 0 or 1 hundredths meant "as fast as you can" of a browser of 1996. 20 ms are 20 ms.
 */
export function createAnimationClock(): AnimationClock {
  let lateSeconds = 0;
  return {
    place(claimedSeconds, durationSeconds) {
      const seconds = claimedSeconds + lateSeconds;
      if (durationSeconds === null || durationSeconds > shortestSeconds) return { seconds, durationSeconds };
      lateSeconds += usualSeconds - durationSeconds;
      return { seconds, durationSeconds: usualSeconds };
    },
    get isChanged() {
      return lateSeconds > 0;
    },
  };
}
