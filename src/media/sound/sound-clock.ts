/** A piece of decoded sound, as its file describes it. */
export interface SoundPiece {
  /** Time in the file, in seconds on its clock; null when the file has none. */
  readonly claimedSeconds: number | null;
  /** Length of the piece, by its number of samples. */
  readonly lengthSeconds: number;
  /** Index of the recording in the file to which it belongs. */
  readonly recording: number;
}

export interface SoundClock {
  /**
   * @param pieces the piece to place, then those that follow it, as far as they are known: up to `lookAheadPieces`
   * @returns time of the first of them, in seconds from the first sample of the prepared sound
   */
  place(pieces: readonly [SoundPiece, ...SoundPiece[]]): number;
}

export interface SoundClockOptions {
  /** Time of the first sample on the file's clock; null starts with the first sound of the file. */
  readonly startSeconds: number | null;
  /** A longer gap in the file's timestamps is treated as an error of its clock and left out. */
  readonly maxGapSeconds: number;
}

/** Number of pieces that are compared to distinguish a gap, after which all are late, from jitter of the timestamps. */
export const lookAheadPieces = 10;

/** A larger step back in the timestamps means that the clock restarted, not an overlap. */
const maxOverlapSeconds = 1;

/** Largest jitter of timestamps: a larger step is followed at once. */
const maxJitterSeconds = 0.1;

/**
 * Decides the time of each piece of sound. The file's timestamps are followed, but they are rounded (to milliseconds in
 * WebM), and they jitter when a recorder takes them from its own clock. So sound moves only as far as all of the next
 * pieces agree: at once for a gap, a little with each piece for a recorder's drift, and not at all for jitter.
 */
export function createSoundClock({ startSeconds, maxGapSeconds }: SoundClockOptions): SoundClock {
  let offsetSeconds: number | null = startSeconds === null ? null : -startSeconds;
  let firstClaimedSeconds: number | null = null;
  let endSeconds: number | null = null;
  let recording = 0;

  /** True when the clock cannot have continued from the previous piece to this one. */
  const hasRestarted = (piece: SoundPiece, claimedSeconds: number, stepSeconds: number): boolean => {
    if (stepSeconds > maxGapSeconds) return true;
    // If there are no pictures to match, another recording follows without a gap.
    if (startSeconds === null && piece.recording !== recording) return true;
    if (endSeconds === null) return false;
    const isBackAtStart = claimedSeconds <= (firstClaimedSeconds ?? 0) + maxJitterSeconds;
    return stepSeconds < (isBackAtStart ? -maxJitterSeconds : -maxOverlapSeconds);
  };

  return {
    place(pieces) {
      const [piece] = pieces;
      const claimed = piece.claimedSeconds;
      const expected = endSeconds ?? 0;
      offsetSeconds ??= -(claimed ?? 0);
      let step = claimed === null ? 0 : claimed + offsetSeconds - expected;
      if (claimed !== null && hasRestarted(piece, claimed, step)) {
        offsetSeconds -= step;
        step = 0;
      } else if (endSeconds !== null && Math.abs(step) < maxJitterSeconds) {
        step = sharedStep(pieces, expected - offsetSeconds);
      }
      firstClaimedSeconds ??= claimed;
      endSeconds = expected + step + piece.lengthSeconds;
      recording = piece.recording;
      return expected + step;
    },
  };
}

/** Returns the smallest amount by which all pieces are late, or all are early; 0 when some are late and some early. */
function sharedStep(pieces: readonly [SoundPiece, ...SoundPiece[]], expectedSeconds: number): number {
  let smallest: number | null = null;
  let expected = expectedSeconds;
  for (const { claimedSeconds, lengthSeconds, recording } of pieces) {
    if (recording !== pieces[0].recording) break;
    if (claimedSeconds !== null) {
      const step: number = claimedSeconds - expected;
      // Pieces after another gap, or after a restart of the clock, do not apply to this piece.
      if (Math.abs(step) >= maxJitterSeconds) break;
      if (smallest !== null && Math.sign(step) !== Math.sign(smallest)) return 0;
      if (smallest === null || Math.abs(step) < Math.abs(smallest)) smallest = step;
    }
    expected += lengthSeconds;
  }
  return smallest ?? 0;
}
