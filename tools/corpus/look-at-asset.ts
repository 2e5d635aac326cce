import type { Asset } from "../../dist/media/asset.js";
import { runChild } from "../../dist/process/run-child.js";
import type { Look } from "./look.js";

const timeoutSeconds = 300;

/**
 * What is seen and heard of a prepared file, as a film shows it.
 *
 * @param folder private and existing
 * @throws KeepsakeError where it cannot be decoded any more; the signal's reason
 */
export async function lookAtAsset(asset: Asset, folder: string, signal: AbortSignal): Promise<Look> {
  const task = new URL("./look-child.js", import.meta.url);
  return await runChild<Asset, Look>(task, asset, {
    folder,
    reads: [asset.path],
    signal,
    timeoutSeconds,
  });
}
