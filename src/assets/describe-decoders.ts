import { runChild } from "../process/run-child.js";
import type { DecoderVersions } from "./decoders-child.js";

/**
 * The versions of the decoders that strangers' files are given to, in a sentence: as they are loaded in a process that
 * decodes, because no other process loads them.
 *
 * @param folder private and existing
 * @throws KeepsakeError `child-crashed` and its kin where they cannot be loaded
 */
export async function describeDecoders(folder: string, signal: AbortSignal): Promise<string> {
  const task = new URL("./decoders-child.js", import.meta.url);
  const found = await runChild<null, DecoderVersions>(task, null, { folder, signal, timeoutSeconds: 60 });
  const pictures = Object.entries(found.pictures).map(([name, version]) => `${name} ${version}`);
  return (
    `FFmpeg ${found.ffmpeg} (libavcodec ${found.avcodec}, libavformat ${found.avformat}) and ` +
    `libvips ${found.libvips}${pictures.length === 0 ? "" : ` (${pictures.join(", ")})`} take files apart.`
  );
}
