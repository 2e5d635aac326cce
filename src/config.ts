/**
 * All settings, from the environment, validated at start; the only file that reads it. A missing or wrong setting
 * stops the start with a sentence that names it and says how to set it.
 */
import { availableParallelism, hostname, tmpdir } from "node:os";
import path from "node:path";

import { z } from "zod";

import { KeepsakeError } from "./errors.js";
import { qualities, sampleRate, themeNames, type FilmSettings } from "./film/film-settings.js";
import { logLevels } from "./log.js";

type Environment = Readonly<Record<string, string | undefined>>;

interface Setting {
  readonly env: string;
  readonly schema: z.ZodType;
  /** Text of the default as it would be written; null where there is none. */
  readonly fallback: string | null;
  readonly meaning: string;
}

function setting<Schema extends z.ZodType>(
  env: string,
  schema: Schema,
  fallback: string | null,
  meaning: string,
): Setting & { schema: Schema } {
  return { env, schema, fallback, meaning };
}

const seconds = (least: number, most: number) => z.coerce.number().min(least).max(most);
const httpUrl = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ""));
const frameSizes = ["1920x1080", "1280x720", "640x360"] as const;

/** The settings, in the order of the table in the README (a test keeps the two in step). */
export const settingTable = {
  databaseUrl: setting(
    "DATABASE_URL",
    z.url({ protocol: /^postgres(ql)?$/ }),
    null,
    "PostgreSQL connection string of the Supabase project: direct, session pooler or transaction pooler.",
  ),
  supabaseUrl: setting(
    "SUPABASE_URL",
    httpUrl,
    null,
    "The project's URL, `https://<ref>.supabase.co`. Films go to its Storage, media are read from it.",
  ),
  serviceKey: setting(
    "SUPABASE_SERVICE_ROLE_KEY",
    z.string().min(20),
    null,
    "The project's secret key (`sb_secret_…`) or its legacy `service_role` key.",
  ),
  storageFolder: setting(
    "KEEPSAKE_STORAGE_FOLDER",
    z.string().min(1),
    null,
    "A local folder for films and media instead of Supabase Storage.",
  ),
  bucket: setting("KEEPSAKE_BUCKET", z.string().regex(/^[\w.-]{1,100}$/), "videos", "The bucket for films."),
  mediaHosts: setting(
    "KEEPSAKE_MEDIA_HOSTS",
    z.string().transform((text) =>
      text
        .split(",")
        .map((host) => host.trim().toLowerCase())
        .filter((host) => host !== ""),
    ),
    "",
    "Further hosts that media may be fetched from, separated by commas. The project's own host always may.",
  ),
  quality: setting("KEEPSAKE_QUALITY", z.enum(qualities), "standard", "`draft`, `standard` or `archive`."),
  size: setting(
    "KEEPSAKE_SIZE",
    z.enum(frameSizes),
    "1920x1080",
    `The film's size: ${frameSizes.join(", ")}.`,
  ),
  fps: setting(
    "KEEPSAKE_FPS",
    z.coerce
      .number()
      .refine((fps) => [25, 30, 60].includes(fps) && sampleRate % fps === 0, "must be 25, 30 or 60"),
    "30",
    "Frames a second: 25, 30 or 60.",
  ),
  theme: setting("KEEPSAKE_THEME", z.enum(themeNames), "classic", "The film's look."),
  honoree: setting(
    "KEEPSAKE_HONOREE",
    z.string().trim().min(1).max(200),
    null,
    "Who a film is for when the capsule's row has no title or name.",
  ),
  strict: setting(
    "KEEPSAKE_STRICT",
    z.stringbool(),
    "false",
    "`true`: refuse a film rather than show a card where a file could not be used.",
  ),
  slots: setting(
    "KEEPSAKE_SLOTS",
    z.coerce.number().int().min(1).max(32),
    "1",
    "Films made at the same time.",
  ),
  cores: setting(
    "KEEPSAKE_CORES",
    z.coerce.number().int().min(1).max(256),
    null,
    "Processes that paint and encode side by side for one film; by default one a core.",
  ),
  leaseSeconds: setting(
    "KEEPSAKE_LEASE_SECONDS",
    seconds(5, 3600),
    "120",
    "How long a job stays with a worker that is not heard of any more.",
  ),
  heartbeatSeconds: setting(
    "KEEPSAKE_HEARTBEAT_SECONDS",
    seconds(1, 600),
    "20",
    "How often a lease is renewed; at most a third of it.",
  ),
  drainSeconds: setting(
    "KEEPSAKE_DRAIN_SECONDS",
    seconds(0, 86_400),
    "25",
    "How long films may go on after the first SIGTERM before they are handed back.",
  ),
  filmTimeoutSeconds: setting(
    "KEEPSAKE_FILM_TIMEOUT_SECONDS",
    seconds(10, 604_800),
    "7200",
    "A film that takes longer is stopped and the attempt fails.",
  ),
  workFolder: setting(
    "KEEPSAKE_WORK_FOLDER",
    z.string().min(1),
    null,
    "Where films are made; by default a folder `keepsake` in the system's folder for temporary files.",
  ),
  workerName: setting(
    "KEEPSAKE_WORKER_NAME",
    z.string().regex(/^[\w.:-]{1,100}$/),
    null,
    "This worker's name in the attempts it makes; by default host name and process id.",
  ),
  logLevel: setting(
    "KEEPSAKE_LOG",
    z.enum(logLevels),
    "info",
    "`debug`, `info`, `warn`, `error` or `silent`.",
  ),
} as const;

type SettingTable = typeof settingTable;
type Parsed = { readonly [Name in keyof SettingTable]: z.output<SettingTable[Name]["schema"]> | null };

export interface Config {
  readonly databaseUrl: string | null;
  readonly storage: StorageConfig | null;
  readonly mediaHosts: readonly string[];
  readonly film: FilmSettings;
  readonly worker: WorkerConfig;
  readonly cores: number;
  readonly workFolder: string;
  readonly logLevel: (typeof logLevels)[number];
}

export type StorageConfig =
  | {
      readonly kind: "supabase";
      readonly projectUrl: string;
      readonly serviceKey: string;
      readonly bucket: string;
    }
  | { readonly kind: "folder"; readonly folder: string; readonly bucket: string };

export interface WorkerConfig {
  readonly name: string;
  readonly slots: number;
  readonly leaseSeconds: number;
  readonly heartbeatSeconds: number;
  readonly drainSeconds: number;
  readonly filmTimeoutSeconds: number;
}

/** @throws KeepsakeError `setting-missing` or `setting-invalid`, naming the variable; never its value */
export function readConfig(environment: Environment): Config {
  const parsed = parseSettings(environment);
  const [width, height] = (parsed.size ?? "1920x1080").split("x").map(Number) as [number, number];
  const leaseSeconds = parsed.leaseSeconds ?? 120;
  const heartbeatSeconds = parsed.heartbeatSeconds ?? 20;
  if (heartbeatSeconds * 3 > leaseSeconds) {
    throw new KeepsakeError(
      "setting-invalid",
      `KEEPSAKE_HEARTBEAT_SECONDS (${heartbeatSeconds}) must be at most a third of KEEPSAKE_LEASE_SECONDS (${leaseSeconds}).`,
    );
  }
  return {
    databaseUrl: parsed.databaseUrl,
    storage: storageConfig(parsed),
    mediaHosts: parsed.mediaHosts ?? [],
    film: {
      width,
      height,
      fps: parsed.fps ?? 30,
      quality: parsed.quality ?? "standard",
      theme: parsed.theme ?? "classic",
      honoree: parsed.honoree,
      strict: parsed.strict ?? false,
    },
    worker: {
      name: parsed.workerName ?? `${hostname().replaceAll(/[^\w.-]/g, "-")}:${process.pid}`,
      slots: parsed.slots ?? 1,
      leaseSeconds,
      heartbeatSeconds,
      drainSeconds: parsed.drainSeconds ?? 25,
      filmTimeoutSeconds: parsed.filmTimeoutSeconds ?? 7200,
    },
    cores: parsed.cores ?? availableParallelism(),
    workFolder: path.resolve(parsed.workFolder ?? path.join(tmpdir(), "keepsake")),
    logLevel: parsed.logLevel ?? "info",
  };
}

/** @throws KeepsakeError `setting-missing` */
export function requireDatabaseUrl(config: Config): string {
  if (config.databaseUrl !== null) return config.databaseUrl;
  throw new KeepsakeError(
    "setting-missing",
    "DATABASE_URL is not set. Set it to the connection string of your Supabase project (Dashboard, Connect), " +
      "e.g. postgresql://postgres.<ref>:<password>@<pooler host>:5432/postgres.",
  );
}

/** @throws KeepsakeError `setting-missing` */
export function requireStorage(config: Config): StorageConfig {
  if (config.storage !== null) return config.storage;
  throw new KeepsakeError(
    "setting-missing",
    "Where films go is not set. Set SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY (Dashboard, Project Settings, API keys), " +
      "or KEEPSAKE_STORAGE_FOLDER to a local folder.",
  );
}

function parseSettings(environment: Environment): Parsed {
  const values = Object.entries(settingTable).map(([name, { env, schema, fallback }]) => {
    const text = environment[env]?.trim() || fallback;
    if (text === null) return [name, null];
    const result = schema.safeParse(text);
    if (result.success) return [name, result.data];
    const why = result.error.issues.map((issue) => issue.message).join("; ");
    throw new KeepsakeError(
      "setting-invalid",
      `${env} is not usable: ${why}. ${settingTable[name as keyof SettingTable].meaning}`,
    );
  });
  return Object.fromEntries(values) as Parsed;
}

function storageConfig(parsed: Parsed): StorageConfig | null {
  const bucket = parsed.bucket ?? "videos";
  if (parsed.storageFolder !== null) {
    return { kind: "folder", folder: path.resolve(parsed.storageFolder), bucket };
  }
  const { supabaseUrl, serviceKey } = parsed;
  if (supabaseUrl === null && serviceKey === null) return null;
  if (supabaseUrl === null) {
    throw new KeepsakeError(
      "setting-missing",
      "SUPABASE_SERVICE_ROLE_KEY is set but SUPABASE_URL is not. Set SUPABASE_URL to https://<ref>.supabase.co.",
    );
  }
  if (serviceKey === null) {
    throw new KeepsakeError(
      "setting-missing",
      "SUPABASE_URL is set but SUPABASE_SERVICE_ROLE_KEY is not. Set it to the project's secret key (sb_secret_…).",
    );
  }
  return { kind: "supabase", projectUrl: supabaseUrl, serviceKey, bucket };
}
