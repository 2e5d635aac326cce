/** Gives pictures times that only ever go on, whatever their file says. */
export interface PictureClock {
  /**
   * @param claimedSeconds when the file says that the next picture is shown; null where it says nothing
   * @returns when it is shown: what the file says, but for times that cannot be
   */
  place(claimedSeconds: number | null): number;
  /** True from the first time on that the file was not believed: times then depend on all pictures before. */
  readonly isBroken: boolean;
}

/** A step back that is larger is a clock that began again, not a picture out of order. */
const maxStepBackSeconds = 1;
/** Recorders give two or three pictures the same time when they were late; more have no times at all. */
const maxAtOneTime = 3;

/**
 * @param stepSeconds what a picture stands for where nothing is known
 * @param longestGapSeconds a longer jump ahead is a broken clock: `maxGapSeconds` of the container
 */
export function createPictureClock(stepSeconds: number, longestGapSeconds: number): PictureClock {
  let lastSeconds: number | null = null;
  let offsetSeconds = 0;
  let standing = 0;
  let isBroken = false;
  return {
    place(claimedSeconds) {
      if (lastSeconds === null) return (lastSeconds = claimedSeconds ?? 0);
      const guessed: number = lastSeconds + stepSeconds;
      let seconds = claimedSeconds === null ? guessed : claimedSeconds + offsetSeconds;
      const jump: number = seconds - lastSeconds;
      standing = jump > 0 ? 0 : standing + 1;
      if (jump > longestGapSeconds || jump < -maxStepBackSeconds) {
        offsetSeconds += guessed - seconds;
        seconds = guessed;
        isBroken = true;
      } else if (standing > maxAtOneTime) {
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
 * Containers that are made to be cut and joined: their clocks jump where recordings meet, as FFmpeg takes it too. In
 * others a gap is a still passage, however long.
 */
const joinedContainers: ReadonlySet<string> = new Set(["mpegts", "mpeg"]);

/** How long nothing may happen in a container of this kind before its clock is taken to be broken. */
export function maxGapSeconds(demuxer: string): number {
  return joinedContainers.has(demuxer) ? 10 : 3600;
}
