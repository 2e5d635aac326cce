/** Child process: says which decoders are loaded, for whoever has to know whether a hole in one is closed here. */
import sharp from "sharp";

import { readFfmpegVersions, type FfmpegVersions } from "../media/ffmpeg-versions.js";
import { serveTask } from "../process/serve-task.js";

export interface DecoderVersions extends FfmpegVersions {
  readonly libvips: string;
  /** Of the libraries by which libvips reads pictures, by their names; those that it says. */
  readonly pictures: Readonly<Record<string, string>>;
}

const pictureLibraries = ["aom", "heif", "mozjpeg", "png", "tiff", "webp"] as const;

serveTask<null, DecoderVersions>(async () => {
  const { versions } = sharp;
  const pictures = pictureLibraries.flatMap((name) => {
    const version = versions[name];
    return version === undefined ? [] : ([[name, version]] as const);
  });
  return { ...readFfmpegVersions(), libvips: versions.vips, pictures: Object.fromEntries(pictures) };
});
