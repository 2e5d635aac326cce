import { getFFmpegInfo } from "node-av/lib";

/** Versions of the loaded FFmpeg and of its two libraries that parse untrusted files. */
export interface FfmpegVersions {
  readonly ffmpeg: string;
  readonly avcodec: string;
  readonly avformat: string;
}

export function readFfmpegVersions(): FfmpegVersions {
  const { version, libraries } = getFFmpegInfo();
  return { ffmpeg: version, avcodec: libraries.avcodec, avformat: libraries.avformat };
}
