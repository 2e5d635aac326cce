import type { DecoderVersions } from "./decoder-versions.js";

/** The module that reads the versions, for a process that loads the decoders. */
export const decoderVersionsModule = new URL("./decoder-versions.js", import.meta.url);

/** Lists the versions of the decoders of contributors' files in a sentence. */
export function describeDecoders(found: DecoderVersions): string {
  const pictures = Object.entries(found.pictures).map(([name, version]) => `${name} ${version}`);
  return (
    `FFmpeg ${found.ffmpeg} (libavcodec ${found.avcodec}, libavformat ${found.avformat}) and ` +
    `libvips ${found.libvips}${pictures.length === 0 ? "" : ` (${pictures.join(", ")})`} decode files.`
  );
}
