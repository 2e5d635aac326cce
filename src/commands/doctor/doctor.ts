import { defineCommand } from "citty";

import { secretSettings, settingTable } from "../../settings/setting-table.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "../context.js";
import { counted } from "../format/counted.js";
import type { DoctorCheck } from "./doctor-check.js";
import { runChecks } from "./doctor-checks.js";
import { findUnknownSettings } from "../line/unknown-settings.js";
import { wrapText } from "../format/wrap-text.js";

export function createDoctorCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "doctor",
      description: "Check the setup, and print what is wrong and how to fix it; leaves nothing behind.",
    },
    args: {
      ...jsonArgument,
      settings: { type: "boolean", description: "Also print all settings as they are read.", default: false },
    },
    async run({ args }) {
      const config = configOf(context);
      const settings = Object.values(settingTable).map(({ env, fallback }) => ({
        name: env,
        value: config.secretSources.has(env)
          ? `set by ${config.secretSources.get(env)}`
          : shownValue(env, context.environment[env], fallback),
      }));
      const checks = [
        ...findUnknownSettings(context.environment).map((message) => warning("settings", message)),
        ...(await runChecks(config, context.signal)),
      ];
      const healthy = checks.every((check) => check.ok);
      if (args.json) printJson(context, { healthy, checks, settings });
      else printChecks(context, checks, args.settings ? settings : []);
      if (!healthy) context.exitWith("databaseNotReady");
    },
  });
}

function warning(name: string, message: string): DoctorCheck {
  return { name, ok: true, warning: true, message };
}

/** Prints faults first, then warnings, then the checks without a problem. */
function printChecks(
  context: CommandContext,
  checks: readonly DoctorCheck[],
  settings: readonly { readonly name: string; readonly value: string }[],
): void {
  const wrong = checks.filter(({ ok }) => !ok);
  const warnings = checks.filter(({ ok, warning: isWarning }) => ok && isWarning);
  const good = checks.filter(({ ok, warning: isWarning }) => ok && !isWarning);
  const print = (mark: string, shown: readonly DoctorCheck[], colour?: "red" | "yellow"): void => {
    for (const { name, message } of shown) {
      const text = `${name}: ${message}`;
      const lines = context.columns === null ? [mark + text] : wrapText(mark, text, context.columns);
      for (const line of lines) context.print(line, colour);
    }
  };
  print("BAD  ", wrong, "red");
  print("warn ", warnings, "yellow");
  print("ok   ", good);
  if (settings.length > 0) context.print("");
  for (const { name, value } of settings) context.print(`${name.padEnd(32)} ${value}`);
  context.print("");
  const counts = [
    ...(wrong.length === 0 ? [] : [`${counted(wrong.length, "fault")} to fix`]),
    ...(warnings.length === 0 ? [] : [counted(warnings.length, "warning")]),
  ];
  context.print(
    wrong.length === 0 ? ["Nothing to fix", ...counts].join(", ") + "." : `${counts.join(", ")}.`,
  );
}

function shownValue(env: string, value: string | undefined, fallback: string | null): string {
  if (value === undefined || value === "")
    return fallback === null || fallback === "" ? "-" : `${fallback} (default)`;
  return secretSettings.has(env) ? "set" : value;
}
