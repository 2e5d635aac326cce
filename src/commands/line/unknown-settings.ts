import { settingTable } from "../../settings/setting-table.js";
import { didYouMean } from "./did-you-mean.js";

const prefix = "KEEPSAKE_";

/** Returns a sentence for each variable that begins with KEEPSAKE_ but is not a setting, such as a misspelt one. */
export function findUnknownSettings(
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const known = new Set<string>(Object.values(settingTable).map(({ env }) => env));
  const endings = [...known]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length).toLowerCase());
  return Object.keys(environment)
    .filter((name) => name.toUpperCase().startsWith(prefix) && !known.has(name))
    .sort()
    .map((name) => {
      const hint = didYouMean(name.slice(prefix.length), endings, (ending) => prefix + ending.toUpperCase());
      return `There is no setting ${name}${hint}; it has no effect.`;
    });
}
