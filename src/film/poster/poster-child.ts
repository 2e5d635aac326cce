import sharp from "sharp";

import { KeepsakeError } from "../../errors.js";
import { decodeFilmPictures } from "../../media/film-files/decode-film-pictures.js";
import { ticksPerSecond } from "../../mp4/mp4-track.js";
import { readMovie } from "../../mp4/read-movie.js";
import { serveTask } from "../../process/serve-task.js";
import type { PosterInput } from "./poster.js";
import { i420ToRgb } from "./i420-to-rgb.js";

serveTask<PosterInput, null>(async ({ film, frame, path }) => {
  const streamIndex = 0;
  const pictures = (await readMovie(film)).tracks[streamIndex];
  const frameSeconds = (pictures?.samples.durations[0] ?? 0) / ticksPerSecond;
  const options = { streamIndex, threads: 1, fromSeconds: frame * frameSeconds };
  for await (const picture of decodeFilmPictures(film, options)) {
    if (picture.seconds < (frame - 0.5) * frameSeconds) continue;
    const { width, height } = picture;
    await sharp(i420ToRgb(picture), { raw: { width, height, channels: 3 } })
      .withIccProfile("srgb")
      .jpeg({ quality: 90, mozjpeg: true })
      .toFile(path);
    return null;
  }
  throw new KeepsakeError("film-frame-count-wrong", `The film has no frame ${frame} to make its poster of.`);
});
