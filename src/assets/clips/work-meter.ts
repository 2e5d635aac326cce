/** The work that a process has done on a file so far. */
export interface PreparingWork {
  /** Time that decoding the done part may take on one core: several times the time of the slowest codec. */
  readonly earnedSeconds: number;
  /** The done share of the whole file, 0 to 1; null while its length is unknown. */
  readonly share: number | null;
}

/** Counts the decoded part of a file, and reports it from time to time. */
export interface WorkMeter {
  /**
   * @param seconds the length that the file claims
   * @param streams number of streams that will be decoded: pictures, sound, or both
   */
  expect(seconds: number, streams: number): void;
  /** @param seconds length of the pictures decoded so far */
  picture(seconds: number, pixels: number): void;
  /** @param seconds length of the sound decoded so far; less than before when another stream begins */
  sound(seconds: number): void;
}

export const noMeter: WorkMeter = {
  expect: () => undefined,
  picture: () => undefined,
  sound: () => undefined,
};

/**
 * CPU seconds that decoding earns. For comparison, the measured times are 0.3 s for a picture of 37 megapixels (HEVC, 8K),
 * 0.015 s for one of 1080p (H.264), and 0.02 s for a second of sound.
 */
const secondsPerPicture = 0.02;
const secondsPerMegapixel = 0.05;
const secondsPerSoundSecond = 0.2;
/** The pictures' share of the time for decoding a clip. */
const pictureShare = 0.85;
const reportIntervalMs = 500;

export function createWorkMeter(
  report: (work: PreparingWork) => void,
  now: () => number = () => performance.now(),
): WorkMeter {
  let expected = { seconds: 0, streams: 1 };
  let earnedSeconds = 0;
  let pictureSeconds = 0;
  let soundSeconds = 0;
  let furthest = 0;
  let reportedAt = -Infinity;
  const share = (): number | null => {
    const { seconds, streams } = expected;
    if (!(seconds > 0)) return null;
    const shareOf = (done: number): number => Math.min(1, Math.max(0, done / seconds));
    const both = pictureShare * shareOf(pictureSeconds) + (1 - pictureShare) * shareOf(soundSeconds);
    furthest = Math.max(furthest, streams > 1 ? both : shareOf(Math.max(pictureSeconds, soundSeconds)));
    return furthest;
  };
  const reportIfDue = (): void => {
    const at = now();
    if (at - reportedAt < reportIntervalMs) return;
    reportedAt = at;
    report({ earnedSeconds, share: share() });
  };
  return {
    expect(seconds, streams) {
      expected = { seconds, streams };
    },
    picture(seconds, pixels) {
      pictureSeconds = seconds;
      earnedSeconds += secondsPerPicture + (pixels / 1e6) * secondsPerMegapixel;
      reportIfDue();
    },
    sound(seconds) {
      earnedSeconds += secondsPerSoundSecond * Math.max(0, seconds - soundSeconds);
      soundSeconds = seconds;
      reportIfDue();
    },
  };
}
