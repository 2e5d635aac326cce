/** Child process that finds the flashes and the beeps in a film. */
import { decodeAacFile } from "../../dist/media/sound/decode-aac-file.js";
import { decodeFilmPictures, type FilmPicture } from "../../dist/media/film-files/decode-film-pictures.js";
import { serveTask } from "../../dist/process/serve-task.js";

export interface FlashesAndBeeps {
  /** Frames on which the picture suddenly becomes bright. */
  readonly flashFrames: readonly number[];
  /** Samples at which sound starts after half a second of silence. */
  readonly beepSamples: readonly number[];
}

const minBrightening = 40;
const minBeep = 0.05;
const quietSamples = 24_000;

serveTask<string, FlashesAndBeeps>(async (film) => {
  const flashFrames: number[] = [];
  let frame = 0;
  let before = Infinity;
  for await (const picture of decodeFilmPictures(film, { streamIndex: 0, threads: 1 })) {
    const brightness = brightnessInTheMiddle(picture);
    if (brightness - before > minBrightening) flashFrames.push(frame);
    before = brightness;
    frame += 1;
  }
  const beepSamples: number[] = [];
  let sample = 0;
  let lastLoud = -Infinity;
  for await (const piece of decodeAacFile({
    path: film,
    demuxer: "mov",
    streamIndex: 1,
    primingSamples: 0,
  })) {
    for (let index = 0; index < piece.length; index += 2, sample += 1) {
      if (Math.abs(piece[index] as number) < minBeep) continue;
      if (sample - lastLoud > quietSamples) beepSamples.push(sample);
      lastLoud = sample;
    }
  }
  return { flashFrames, beepSamples };
});

function brightnessInTheMiddle({
  planes: [luma],
  strides: [stride = 0],
  width,
  height,
}: FilmPicture): number {
  const across = Math.floor(width / 4);
  let sum = 0;
  for (let x = across; x < width - across; x += 1) sum += luma?.[Math.floor(height / 2) * stride + x] ?? 0;
  return sum / (width - 2 * across);
}
