import { KeepsakeError } from "../errors.js";
import type { PreparedAssets } from "../media/asset.js";

/**
 * Rejects a capsule if settings of the operator reject all of its files: the film would consist of cards only, and would
 * look like a success. One file that is usable, or that has another problem, shows that the settings work.
 *
 * @throws KeepsakeError `media-setup`, with the settings and the rejected file
 */
export function rejectUnconfigured(assets: PreparedAssets): void {
  const all = [...assets.values()];
  if (all.some(({ photo, voice, clip }) => photo !== null || voice !== null || clip !== null)) return;
  const problems = all.flatMap((message) => message.problems);
  const [first] = problems;
  if (first === undefined || problems.some(({ setting }) => setting === undefined)) return;
  const settings = [...new Set(problems.map(({ setting }) => setting))];
  const [files, them] =
    problems.length === 1
      ? ["The capsule's one file is", "it"]
      : [`All ${problems.length} files of the capsule are`, "them"];
  throw new KeepsakeError(
    "media-setup",
    `${files} rejected by ${settings.join(" and ")}, and the film would be made without ${them}. ${first.reason} ` +
      "Fix the setting and restart the workers, or remove the addresses from the messages; the job waits.",
  );
}
