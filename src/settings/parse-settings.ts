import type { z } from "zod";

import { KeepsakeError } from "../errors.js";
import { containsSecret } from "../process/contains-secret.js";
import { explainSetting } from "./explain-setting.js";
import type { Environment, SecretFiles } from "./read-secret-files.js";
import { secretSettings, settingTable } from "./setting-table.js";

type SettingTable = typeof settingTable;
/** The parsed values; null where a setting without a default is not set. */
export type ParsedSettings = {
  readonly [Name in keyof SettingTable]:
    | z.output<SettingTable[Name]["schema"]>
    | Extract<SettingTable[Name]["fallback"], null>;
};

/**
 * Validates each setting.
 *
 * @param optionOf the option that set a variable, to be named in the error message
 * @throws KeepsakeError `setting-invalid` with a line for each setting that is wrong
 */
export function parseSettings(
  { environment, sources, faults: unreadable }: SecretFiles,
  optionOf: Environment,
): ParsedSettings {
  const faults = [...unreadable];
  const secrets = [...secretSettings].flatMap((env) => environment[env]?.trim() ?? []);
  const values = Object.entries(settingTable).map(([name, { env, schema, fallback, meaning }]) => {
    const text = environment[env]?.trim() || fallback;
    if (text === null) return [name, null];
    if (!secretSettings.has(env) && containsSecret(text, secrets)) {
      faults.push(`${env} contains what looks like a key or a password: remove it. ${meaning}`);
      return [name, null];
    }
    const result = schema.safeParse(text);
    if (!result.success) {
      const source = sources.get(env);
      const shownName = source === undefined ? (optionOf[env] ?? env) : `${env}, from ${source},`;
      faults.push(explainSetting(shownName, schema, meaning, result.error));
    }
    return [name, result.data];
  });
  if (faults.length > 0) throw new KeepsakeError("setting-invalid", faults.join("\n"));
  return Object.fromEntries(values) as ParsedSettings;
}
