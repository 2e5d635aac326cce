import { getFFmpegInfo } from "node-av/lib";

/** Of the FFmpeg that is loaded, and of its two libraries that take strangers' bytes apart. */
export interface FfmpegVersions {
  readonly ffmpeg: string;
  readonly avcodec: string;
  readonly avformat: string;
}

export function readFfmpegVersions(): FfmpegVersions {
  const { version, libraries } = getFFmpegInfo();
  return { ffmpeg: version, avcodec: libraries.avcodec, avformat: libraries.avformat };
}
