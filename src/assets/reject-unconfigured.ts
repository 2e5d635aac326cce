import { KeepsakeError } from "../errors.js";
import type { PreparedAssets } from "../media/asset.js";

/**
 * Refuses to go on where a capsule has files and a setting of the operator's refuses every one of them: the film would
 * be cards alone, and would look like success. One file that could be used, or that is refused for another reason,
 * shows that the settings are not what is wrong.
 *
 * @throws KeepsakeError `media-setup`, with the settings and what is refused
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
    `${files} refused by ${settings.join(" and ")}, and its film would be made without ${them}. ${first.reason} ` +
      "Fix the setting and restart the workers, or take the addresses out of the messages; the job waits.",
  );
}
