import path from "node:path";

import { defineCommand } from "citty";

import { requireDatabaseUrl, requireStorage, type Config } from "../config.js";
import { sampleRate } from "../film/film-settings.js";
import { openMusic } from "../open-music.js";
import { openWorkFolder } from "../work-folder.js";
import { settingTable } from "../setting-table.js";
import { toKeepsakeError } from "../errors.js";
import { checkDatabase } from "../queue/check-database.js";
import { openDatabase } from "../queue/open-database.js";
import { createRecogniser } from "../speech/create-recogniser.js";
import { createStore } from "../storage/create-store.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
}

/** Values of these are never shown. */
const secrets = new Set(["DATABASE_URL", "SUPABASE_SERVICE_ROLE_KEY"]);

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
      const checks = [
        ...(await databaseChecks(config, context.signal)),
        await storageCheck(config, context.signal),
        await workFolderCheck(config),
        await speechCheck(config),
        await musicCheck(config, context.signal),
      ];
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
  return secrets.has(env) ? "set" : value;
}

async function databaseChecks(config: Config, signal: AbortSignal): Promise<Check[]> {
  try {
    await using database = openDatabase(requireDatabaseUrl(config), { applicationName: "keepsake doctor" });
    const problems = await checkDatabase(database, signal);
    if (problems.length === 0)
      return [{ name: "database", ok: true, message: `${database.address} is ready.` }];
    return problems.map(({ message }) => ({ name: "database", ok: false, message }));
  } catch (error) {
    return [{ name: "database", ok: false, message: toKeepsakeError(error).message }];
  }
}

async function storageCheck(config: Config, signal: AbortSignal): Promise<Check> {
  try {
    const store = createStore(requireStorage(config));
    await store.check(signal);
    return { name: "storage", ok: true, message: `${store.description} can be written to.` };
  } catch (error) {
    return { name: "storage", ok: false, message: toKeepsakeError(error).message };
  }
}

async function speechCheck({ recogniser: settings }: Config): Promise<Check> {
  const name = "speech";
  if (settings === null) {
    const message = "Speech is not recognised; KEEPSAKE_WHISPER_MODEL would give voices and videos captions.";
    return { name, ok: true, message };
  }
  try {
    const { identity } = await createRecogniser(settings);
    const language = identity.language === "auto" ? "any language" : identity.language;
    const model = `${settings.modelPath} (sha256 ${identity.modelSha256.slice(0, 12)})`;
    return { name, ok: true, message: `Speech in ${language} is recognised by ${model}.` };
  } catch (error) {
    return { name, ok: false, message: toKeepsakeError(error).message };
  }
}

async function musicCheck(config: Config, signal: AbortSignal): Promise<Check> {
  try {
    await using music = await openMusic(config, signal);
    const seconds = Math.round((music.sound?.sampleCount ?? 0) / sampleRate);
    const message =
      music.sound === null
        ? "None; pictures pass in quiet. KEEPSAKE_MUSIC names a sound file to play."
        : `${config.music} can be played (${seconds} s).`;
    return { name: "music", ok: true, message };
  } catch (error) {
    return { name: "music", ok: false, message: toKeepsakeError(error).message };
  }
}

async function workFolderCheck({ workFolder }: Config): Promise<Check> {
  try {
    await using folder = await openWorkFolder(workFolder);
    return { name: "work folder", ok: true, message: `Films can be made in ${path.dirname(folder.path)}.` };
  } catch (error) {
    return { name: "work folder", ok: false, message: toKeepsakeError(error).message };
  }
}
