import type { z } from "zod";

import { KeepsakeError } from "../errors.js";
import { containsSecret } from "../process/contains-secret.js";
import { explainSetting } from "./explain-setting.js";
import type { Environment, SecretFiles } from "./read-secret-files.js";
import { secretSettings, settingTable } from "./setting-table.js";

type SettingTable = typeof settingTable;
/** Null where a setting without a default is not set. */
export type ParsedSettings = {
  readonly [Name in keyof SettingTable]:
    | z.output<SettingTable[Name]["schema"]>
    | Extract<SettingTable[Name]["fallback"], null>;
};

/**
 * The value of each setting.
 *
 * @param optionOf by which option a setting was given, for the sentence that refuses it
 * @throws KeepsakeError `setting-invalid` that names all that are wrong, a line each
 */
export function parseSettings(
  { environment, sources, refused: unread }: SecretFiles,
  optionOf: Environment,
): ParsedSettings {
  const refused = [...unread];
  const known = [...secretSettings].flatMap((env) => environment[env]?.trim() ?? []);
  const values = Object.entries(settingTable).map(([name, { env, schema, fallback, meaning }]) => {
    const text = environment[env]?.trim() || fallback;
    if (text === null) return [name, null];
    if (!secretSettings.has(env) && containsSecret(text, known)) {
      refused.push(`${env} holds what looks like a key or a password, which belongs elsewhere. ${meaning}`);
      return [name, null];
    }
    const result = schema.safeParse(text);
    if (!result.success) {
      const source = sources.get(env);
      const called = source === undefined ? (optionOf[env] ?? env) : `${env}, from ${source},`;
      refused.push(explainSetting(called, schema, meaning, result.error));
    }
    return [name, result.data];
  });
  if (refused.length > 0) throw new KeepsakeError("setting-invalid", refused.join("\n"));
  return Object.fromEntries(values) as ParsedSettings;
}
