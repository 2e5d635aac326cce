/** Child process that makes a voice note, or a clip that pans over a detailed picture while a voice speaks. */
import { rgbToI420 } from "../../dist/film/scenes/drawing/pixels.js";
import { openMediaWriter } from "../../dist/media/film-files/open-media-writer.js";
import { serveTask } from "../../dist/process/serve-task.js";
import { babble } from "./babble.js";
import { detailedPhoto } from "./detailed-photo.js";
import { sampleRate } from "../../dist/media/sound/sound-format.js";

export interface MakeMediumInput {
  readonly seed: number;
  readonly seconds: number;
  /** Size and kind of a clip; null makes a voice note. */
  readonly picture: ClipPicture | null;
  /** Path of the file to write: MP4 or Ogg. */
  readonly path: string;
}

/** Picture of a clip, with its size as coded. */
export interface ClipPicture {
  readonly width: number;
  readonly height: number;
  /** Whether the clip is like that of a phone held upright: HEVC, rotated, at an uneven frame rate. */
  readonly isPhones: boolean;
}

const fps = 30;
/** Durations of a phone's pictures in ticks of 1/60 s, repeated: 30 pictures a second on average. */
const unevenTicks = [2, 2, 1, 3, 2, 2, 2, 1, 2, 3] as const;
/** Amplitude of the sensor noise, in steps of 8 bits. */
const grain = 4;
/** An even number, so that chroma moves by whole samples. */
const pixelsPerFrame = 2;

serveTask<MakeMediumInput, null>(async ({ seed, seconds, picture, path }) => {
  const voice = babble(seed, seconds);
  if (picture === null) {
    await using writer = await openMediaWriter(path, {
      container: "ogg",
      picture: null,
      sound: { codec: "opus", sampleRate, channelCount: 1, bitsPerSecond: 32_000 },
    });
    await writer.writeSound(voice);
    await writer.finish();
    return null;
  }
  await using writer = await openMediaWriter(path, {
    container: "mp4",
    picture: picture.isPhones
      ? { ...picture, fps: 2 * fps, crf: 18, codec: "hevc", rotationDegrees: 90 }
      : { ...picture, fps, crf: 20, rotationDegrees: 0 },
    sound: { codec: "aac", sampleRate, channelCount: 1, bitsPerSecond: 96_000 },
  });
  const frameCount = seconds * fps;
  const wide = { width: picture.width + frameCount * pixelsPerFrame, height: picture.height };
  const scenery = rgbToI420(detailedPhoto(seed, wide.width, wide.height), wide.width, wide.height);
  const samplesAFrame = sampleRate / fps;
  const noise = picture.isPhones ? sensorNoise(seed, 2 * picture.width * picture.height) : null;
  for (let frame = 0; frame < frameCount; frame += 1) {
    await writer.writeSound(voice.subarray(frame * samplesAFrame, (frame + 1) * samplesAFrame));
    const cutOut = cut(scenery, wide, frame * pixelsPerFrame, picture.width);
    if (noise !== null) addNoise(cutOut, picture.width * picture.height, noise, frame);
    await writer.writePicture(cutOut, picture.isPhones ? unevenTicks[frame % unevenTicks.length] : 1);
  }
  await writer.finish();
  return null;
});

/** @returns the columns from `left` on, of all three planes */
function cut(
  i420: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  left: number,
  columns: number,
): Uint8Array {
  const picture = new Uint8Array((columns * height * 3) / 2);
  let source = 0;
  let target = 0;
  for (const [divisor, rows] of [
    [1, height],
    [2, height],
  ] as const) {
    for (let row = 0; row < rows; row += 1) {
      const start = source + left / divisor;
      picture.set(i420.subarray(start, start + columns / divisor), target);
      source += width / divisor;
      target += columns / divisor;
    }
  }
  return picture;
}

/** Makes noise that cannot be predicted from the previous picture, unlike a picture that only moves. */
function sensorNoise(seed: number, length: number): Int8Array {
  let state = seed;
  return Int8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return ((state >>> 16) % (2 * grain + 1)) - grain;
  });
}

function addNoise(i420: Uint8Array, lumaLength: number, noise: Int8Array, frame: number): void {
  const start = (frame * 104_729) % (noise.length - lumaLength);
  for (let index = 0; index < lumaLength; index += 1) {
    const noisy = (i420[index] ?? 0) + (noise[start + index] ?? 0);
    i420[index] = Math.min(235, Math.max(16, noisy));
  }
}
