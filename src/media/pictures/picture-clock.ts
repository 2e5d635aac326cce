/** Assigns increasing times to pictures, also when the times in their file are wrong. */
export interface PictureClock {
  /**
   * @param claimedSeconds time of the next picture in the file; null when the file has none
   * @returns the time at which it is shown: that of the file, unless that is impossible
   */
  place(claimedSeconds: number | null): number;
  /** True as soon as a time of the file was not used: then times depend on all earlier pictures. */
  readonly isBroken: boolean;
}

/** A larger step back means that the clock restarted, not that a picture is out of order. */
const maxStepBackSeconds = 1;
/** A recorder that is too slow gives two or three pictures the same time; more of them mean that the file has no times. */
const maxAtOneTime = 3;

/**
 * @param stepSeconds duration of a picture when nothing is known
 * @param maxGap a longer jump ahead, in seconds, means a broken clock: `maxGapSeconds` of the container
 */
export function createPictureClock(stepSeconds: number, maxGap: number): PictureClock {
  let lastSeconds: number | null = null;
  let offsetSeconds = 0;
  let picturesAtOneTime = 0;
  let isBroken = false;
  return {
    place(claimedSeconds) {
      if (lastSeconds === null) return (lastSeconds = claimedSeconds ?? 0);
      const guessed: number = lastSeconds + stepSeconds;
      let seconds = claimedSeconds === null ? guessed : claimedSeconds + offsetSeconds;
      const jump: number = seconds - lastSeconds;
      picturesAtOneTime = jump > 0 ? 0 : picturesAtOneTime + 1;
      if (jump > maxGap || jump < -maxStepBackSeconds) {
        offsetSeconds += guessed - seconds;
        seconds = guessed;
        isBroken = true;
      } else if (picturesAtOneTime > maxAtOneTime) {
        seconds = guessed;
        isBroken = true;
      }
      lastSeconds = Math.max(seconds, lastSeconds);
      return lastSeconds;
    },
    get isBroken() {
      return isBroken;
    },
  };
}

/**
 * Containers that are made to be cut and joined: their clocks jump where recordings meet, as FFmpeg assumes too. In
 * others a gap is a frozen passage of any length.
 */
const joinedContainers: ReadonlySet<string> = new Set(["mpegts", "mpeg"]);

/** Seconds without a picture after which the clock of a container of this kind counts as broken. */
export function maxGapSeconds(demuxer: string): number {
  return joinedContainers.has(demuxer) ? 10 : 3600;
}
