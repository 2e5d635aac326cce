import type { DecoderVersions } from "./decoder-versions.js";

/** The module that tells the versions in the process that loads the decoders. */
export const decoderVersionsModule = new URL("./decoder-versions.js", import.meta.url);

/** The versions of the decoders that contributors' files are given to, in a sentence. */
export function describeDecoders(found: DecoderVersions): string {
  const pictures = Object.entries(found.pictures).map(([name, version]) => `${name} ${version}`);
  return (
    `FFmpeg ${found.ffmpeg} (libavcodec ${found.avcodec}, libavformat ${found.avformat}) and ` +
    `libvips ${found.libvips}${pictures.length === 0 ? "" : ` (${pictures.join(", ")})`} take files apart.`
  );
}
