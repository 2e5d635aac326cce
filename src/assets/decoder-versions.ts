/** Reads the versions of the decoders. It loads them, so it runs only in a process for decoding. */
import sharp from "sharp";

import { readFfmpegVersions, type FfmpegVersions } from "../media/ffmpeg-versions.js";

/** Versions of the loaded decoders. Operators compare them with the version in which a vulnerability is fixed. */
export interface DecoderVersions extends FfmpegVersions {
  readonly libvips: string;
  /** Versions of the libraries that libvips uses to decode pictures, by name, as far as it reports them. */
  readonly pictures: Readonly<Record<string, string>>;
}

const pictureLibraries = ["aom", "heif", "mozjpeg", "png", "tiff", "webp"] as const;

/** Called by the process that checks the capabilities of child processes (`ProbeInput.describedBy`). */
export function describe(): DecoderVersions {
  const { versions } = sharp;
  const pictures = pictureLibraries.flatMap((name) => {
    const version = versions[name];
    return version === undefined ? [] : ([[name, version]] as const);
  });
  return { ...readFfmpegVersions(), libvips: versions.vips, pictures: Object.fromEntries(pictures) };
}
