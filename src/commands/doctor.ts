import { defineCommand } from "citty";

import { secretSettings, settingTable } from "../setting-table.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { runChecks } from "./doctor-checks.js";

export function createDoctorCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "doctor", description: "Say what is set up wrong, and how to mend it; changes nothing." },
    args: { ...jsonArgument },
    async run({ args }) {
      const config = configOf(context);
      const settings = Object.values(settingTable).map(({ env, fallback }) => ({
        name: env,
        value: shownValue(env, context.environment[env], fallback),
      }));
      const checks = await runChecks(config, context.signal);
      const healthy = checks.every((check) => check.ok);
      if (args.json) printJson(context, { healthy, checks, settings });
      else {
        for (const { name, value } of settings) context.print(`${name.padEnd(32)} ${value}`);
        context.print("");
        for (const { ok, name, message } of checks)
          context.print(`${ok ? "ok " : "BAD"} ${name}: ${message}`);
      }
      if (!healthy) context.exitWith("databaseNotReady");
    },
  });
}

function shownValue(env: string, value: string | undefined, fallback: string | null): string {
  if (value === undefined || value === "")
    return fallback === null || fallback === "" ? "-" : `${fallback} (default)`;
  return secretSettings.has(env) ? "set" : value;
}
