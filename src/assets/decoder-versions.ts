/** Loads the decoders: for a process that decodes alone. */
import sharp from "sharp";

import { readFfmpegVersions, type FfmpegVersions } from "../media/ffmpeg-versions.js";

/** Which decoders are loaded, for operators who have to know whether a hole in one is closed here. */
export interface DecoderVersions extends FfmpegVersions {
  readonly libvips: string;
  /** Of the libraries by which libvips reads pictures, by their names; those that it says. */
  readonly pictures: Readonly<Record<string, string>>;
}

const pictureLibraries = ["aom", "heif", "mozjpeg", "png", "tiff", "webp"] as const;

/** Called by the process that tries what children can do (`ProbeInput.describedBy`). */
export function describe(): DecoderVersions {
  const { versions } = sharp;
  const pictures = pictureLibraries.flatMap((name) => {
    const version = versions[name];
    return version === undefined ? [] : ([[name, version]] as const);
  });
  return { ...readFfmpegVersions(), libvips: versions.vips, pictures: Object.fromEntries(pictures) };
}
