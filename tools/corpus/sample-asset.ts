import type { Asset } from "../../dist/media/asset.js";
import { runChild } from "../../dist/process/run-child.js";
import type { MediaSample } from "./media-sample.js";

const timeoutSeconds = 300;

/**
 * Samples a prepared file in the form in which a film shows it, in a child process.
 *
 * @param folder private and existing
 * @throws KeepsakeError where the file cannot be decoded; the signal's reason
 */
export async function sampleAsset(asset: Asset, folder: string, signal: AbortSignal): Promise<MediaSample> {
  const task = new URL("./sample-child.js", import.meta.url);
  return await runChild<Asset, MediaSample>(task, asset, {
    folder,
    reads: [asset.path],
    signal,
    timeoutSeconds,
  });
}
