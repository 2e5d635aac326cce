import type { PreparedAssets } from "../media/asset.js";
import { KeepsakeError } from "../errors.js";

const deaths = new Set(["media-preparation-crashed", "media-preparation-killed"]);

/**
 * A supervisor that stops a worker may have ended a process that decoded a file as well. That is not the file's fault,
 * so no film is made without it.
 *
 * @throws KeepsakeError `child-stopped` where such a process died
 */
export function refuseDeaths(assets: PreparedAssets): void {
  const problems = [...assets.values()].flatMap((one) => one.problems);
  if (!problems.some(({ code }) => deaths.has(code))) return;
  throw new KeepsakeError("child-stopped", "The worker was being stopped when a file was decoded.");
}
