/** What a process that prepares a file has done of it so far. */
export interface PreparingWork {
  /** What decoding so much may have taken on one core: several times what the slowest codec needs. */
  readonly earnedSeconds: number;
  /** Of the whole file, 0 to 1; null while nobody knows how long it is. */
  readonly share: number | null;
}

/** Counts what is decoded of a file, and reports it now and then. */
export interface WorkMeter {
  /** @param seconds that the file claims to last, and how many of its streams will be decoded: picture, sound, or both */
  expect(seconds: number, streams: number): void;
  /** @param seconds of the pictures decoded so far */
  picture(seconds: number, pixels: number): void;
  /** @param seconds of sound decoded so far; less than before where another stream is begun */
  sound(seconds: number): void;
}

export const noMeter: WorkMeter = {
  expect: () => undefined,
  picture: () => undefined,
  sound: () => undefined,
};

/**
 * CPU seconds: HEVC of 8K was seen to take 0.3 s a picture of 37 megapixels, H.264 of 1080p 0.015 s, a second of sound
 * 0.02 s.
 */
const secondsPerPicture = 0.02;
const secondsPerMegapixel = 0.05;
const secondsPerSoundSecond = 0.2;
/** Decoding the pictures takes most of the time of a clip. */
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
    const of = (done: number): number => Math.min(1, Math.max(0, done / seconds));
    const both = pictureShare * of(pictureSeconds) + (1 - pictureShare) * of(soundSeconds);
    furthest = Math.max(furthest, streams > 1 ? both : of(Math.max(pictureSeconds, soundSeconds)));
    return furthest;
  };
  const maybeReport = (): void => {
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
      maybeReport();
    },
    sound(seconds) {
      earnedSeconds += secondsPerSoundSecond * Math.max(0, seconds - soundSeconds);
      soundSeconds = seconds;
      maybeReport();
    },
  };
}
