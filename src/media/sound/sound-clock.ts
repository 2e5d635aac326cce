/** A piece of decoded sound, as its file describes it. */
export interface SoundPiece {
  /** When the file says that it is heard, in seconds of the file's clock; null where the file does not say. */
  readonly claimedSeconds: number | null;
  /** How long it lasts, by its number of samples. */
  readonly lengthSeconds: number;
  /** Counts the recordings in the file: which one it is of. */
  readonly recording: number;
}

export interface SoundClock {
  /**
   * @param pieces the piece to place, then those that follow it, as far as they are known: at best `lookAheadPieces`
   * @returns when the first of them is heard, in seconds from the first sample of the prepared sound
   */
  place(pieces: readonly [SoundPiece, ...SoundPiece[]]): number;
}

export interface SoundClockOptions {
  /** What becomes the first sample, on the file's clock; null begins with the first sound there is. */
  readonly startSeconds: number | null;
  /** A longer gap in the file's timestamps is a broken clock and is left out. */
  readonly maxGapSeconds: number;
}

/** How many pieces are looked at to tell a gap, after which all of them are late, from timestamps that shake. */
export const lookAheadPieces = 10;

/** A step back in the timestamps larger than this is a clock that began again, not an overlap. */
const maxOverlapSeconds = 1;

/** Timestamps do not shake by more than this: such a step is believed at once. */
const maxShakeSeconds = 0.1;

/**
 * Says where each piece of sound belongs. The file's timestamps are followed, but they are rounded (to milliseconds in
 * WebM) and they shake where a recorder took them from its own clock. So sound moves only as far as all of the next
 * pieces agree on: by a gap at once, by a recorder's drift a little with each piece, by mere shaking not at all.
 */
export function createSoundClock({ startSeconds, maxGapSeconds }: SoundClockOptions): SoundClock {
  let offsetSeconds: number | null = startSeconds === null ? null : -startSeconds;
  let firstClaimedSeconds: number | null = null;
  let endSeconds: number | null = null;
  let recording = 0;

  /** True where the clock cannot have gone on from the piece before to this one. */
  const beganAgain = (piece: SoundPiece, claimedSeconds: number, stepSeconds: number): boolean => {
    if (stepSeconds > maxGapSeconds) return true;
    // Where there are no pictures to fit, another recording follows without a seam.
    if (startSeconds === null && piece.recording !== recording) return true;
    if (endSeconds === null) return false;
    const isBackAtStart = claimedSeconds <= (firstClaimedSeconds ?? 0) + maxShakeSeconds;
    return stepSeconds < (isBackAtStart ? -maxShakeSeconds : -maxOverlapSeconds);
  };

  return {
    place(pieces) {
      const [piece] = pieces;
      const claimed = piece.claimedSeconds;
      const expected = endSeconds ?? 0;
      offsetSeconds ??= -(claimed ?? 0);
      let step = claimed === null ? 0 : claimed + offsetSeconds - expected;
      if (claimed !== null && beganAgain(piece, claimed, step)) {
        offsetSeconds -= step;
        step = 0;
      } else if (endSeconds !== null && Math.abs(step) < maxShakeSeconds) {
        step = sharedStep(pieces, expected - offsetSeconds);
      }
      firstClaimedSeconds ??= claimed;
      endSeconds = expected + step + piece.lengthSeconds;
      recording = piece.recording;
      return expected + step;
    },
  };
}

/** By how much all pieces are late, or all are early, at the least; 0 where they do not agree. */
function sharedStep(pieces: readonly [SoundPiece, ...SoundPiece[]], expectedSeconds: number): number {
  let least: number | null = null;
  let expected = expectedSeconds;
  for (const { claimedSeconds, lengthSeconds, recording } of pieces) {
    if (recording !== pieces[0].recording) break;
    if (claimedSeconds !== null) {
      const step: number = claimedSeconds - expected;
      // What comes after a gap of its own, or a clock that begins again, says nothing of this piece.
      if (Math.abs(step) >= maxShakeSeconds) break;
      if (least !== null && Math.sign(step) !== Math.sign(least)) return 0;
      if (least === null || Math.abs(step) < Math.abs(least)) least = step;
    }
    expected += lengthSeconds;
  }
  return least ?? 0;
}
