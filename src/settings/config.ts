/**
 * All settings, from the environment, validated at start; the only file that reads it. A missing or wrong setting
 * stops the start with a sentence that names it and says how to set it.
 */
import { availableParallelism, hostname, tmpdir, userInfo } from "node:os";
import path from "node:path";

import { KeepsakeError } from "../errors.js";
import type { FilmSettings } from "../film/model/film-settings.js";
import { labelsByLanguage } from "../film/model/labels.js";
import { readTheme } from "../film/theme/read-theme.js";
import { builtInThemes, type Theme } from "../film/model/theme.js";
import type { LogLevel } from "../log.js";
import { trackLanguage } from "../speech/languages.js";
import type { RecogniserSettings } from "../speech/create-recogniser.js";
import { readSecretFiles, type Environment } from "./read-secret-files.js";
import { parseSettings, type ParsedSettings } from "./parse-settings.js";
import { sampleRate } from "../media/sound/sound-format.js";

export interface Config {
  /** The secret settings that were read from files, each with what named its file. */
  readonly secretSources: ReadonlyMap<string, string>;
  readonly database: DatabaseConfig | null;
  readonly storage: StorageConfig | null;
  /** The bucket for films, also where no storage is set; null where they go into a folder. */
  readonly filmBucket: string | null;
  readonly media: MediaConfig;
  readonly film: FilmConfig;
  /** What is played under films: the path of a file, or `ambient`. */
  readonly music: string | null;
  /** That a capsule may choose from. */
  readonly themes: readonly Theme[];
  /** Null: speech that nobody wrote down has no captions. */
  readonly recogniser: RecogniserSettings | null;
  readonly worker: WorkerConfig;
  /** Who cancels, retries, …, as the database is to know them; null: nobody knows. */
  readonly operator: string | null;
  readonly cores: number;
  readonly workFolder: string;
  readonly cache: { readonly folder: string; readonly limitBytes: number };
  readonly logLevel: LogLevel;
  /** How often progress is told where no terminal shows it. */
  readonly progressSeconds: number;
}

/** What is set for all films; the identities of recogniser and music are known when their files have been read. */
export type FilmConfig = Omit<FilmSettings, "recogniser" | "music">;

/** Where contributors' files may come from, and how large they may be. */
export interface MediaConfig {
  readonly hosts: readonly string[];
  /** In the project's storage: `bucket`, `bucket/folder` or `*`; null: the operator has not said yet. */
  readonly places: readonly string[] | null;
  readonly maxFileBytes: number;
  /** Of all files of a capsule together. */
  readonly maxBytes: number;
  /** Of all of them decoded. */
  readonly maxPreparedBytes: number;
}

/** The two ways in to the database. */
export type DatabaseConfig =
  | { readonly kind: "postgres"; readonly url: string }
  | { readonly kind: "data-api"; readonly projectUrl: string; readonly serviceKey: string };

export type StorageConfig =
  | {
      readonly kind: "supabase";
      readonly projectUrl: string;
      readonly serviceKey: string;
      readonly bucket: string;
      /** Other hosts by which rows may name the project's files. */
      readonly projectHosts: readonly string[];
      readonly uploadsFolder: string;
    }
  | { readonly kind: "folder"; readonly folder: string; readonly bucket: string };

export interface WorkerConfig {
  readonly name: string;
  readonly slots: number;
  readonly leaseSeconds: number;
  readonly heartbeatSeconds: number;
  readonly drainSeconds: number;
  readonly filmTimeoutSeconds: number;
  readonly stallSeconds: number;
  /** What must be free before a job is taken. */
  readonly minDiskBytes: number;
  readonly minMemoryBytes: number;
  /** 0: closed capsules without a job are not looked for. */
  readonly sweepSeconds: number;
  /** 0: nothing is pruned. */
  readonly keepDays: number;
}

/** @throws KeepsakeError `setting-missing` or `setting-invalid`, naming the variable, or its option; never its value */
export function readConfig(environment: Environment, optionOf: Environment = {}): Config {
  const secrets = readSecretFiles(environment);
  const parsed = parseSettings(secrets, optionOf);
  const [width, height] = parsed.size.split("x").map(Number) as [number, number];
  const { leaseSeconds, heartbeatSeconds } = parsed;
  const workFolder = path.resolve(parsed.workFolder ?? path.join(tmpdir(), "keepsake"));
  const labels = labelsByLanguage[parsed.language];
  const [theme, storage] = readAll(
    () => readTheme(parsed.theme, labels),
    () => storageConfig(parsed, workFolder),
    () => checkHeartbeat(parsed),
  );
  return {
    secretSources: secrets.sources,
    database: databaseConfig(parsed),
    storage,
    filmBucket: parsed.storageFolder === null ? parsed.bucket : null,
    media: {
      hosts: parsed.mediaHosts,
      places: parsed.mediaBuckets,
      maxFileBytes: parsed.maxFileBytes,
      maxBytes: parsed.maxMediaBytes,
      maxPreparedBytes: parsed.maxPreparedBytes ?? preparedBytesOf(parsed.maxFilmHours),
    },
    film: {
      width,
      height,
      fps: parsed.fps,
      maxBytes: parsed.maxFilmBytes,
      maxSeconds: parsed.maxFilmHours * 3600,
      quality: parsed.quality,
      theme,
      honoree: parsed.honoree,
      captionLanguage: trackLanguage(parsed.speechLanguage),
      strict: parsed.strict,
    },
    themes: [...Object.values(builtInThemes).map((one) => ({ ...one, labels })), theme],
    recogniser:
      parsed.whisperModel === null
        ? null
        : { modelPath: parsed.whisperModel, language: parsed.speechLanguage },
    music: musicOf(parsed.music),
    worker: {
      name: parsed.workerName ?? `${hostname().replaceAll(/[^\w.-]/g, "-")}:${process.pid}`,
      slots: parsed.slots,
      leaseSeconds,
      heartbeatSeconds,
      drainSeconds: parsed.drainSeconds,
      filmTimeoutSeconds: parsed.filmTimeoutSeconds,
      stallSeconds: parsed.stallSeconds,
      minDiskBytes: parsed.minDiskBytes,
      minMemoryBytes: parsed.minMemoryBytes,
      sweepSeconds: parsed.sweepSeconds,
      keepDays: parsed.keepDays,
    },
    operator: parsed.operator ?? loginName(),
    cores: parsed.cores ?? availableParallelism(),
    workFolder,
    cache: {
      // On the same filesystem by default, where a file is kept by another name rather than by a copy.
      folder: path.resolve(parsed.cacheFolder ?? path.join(workFolder, "cache")),
      limitBytes: parsed.cacheBytes,
    },
    logLevel: parsed.logLevel,
    progressSeconds: parsed.progressSeconds,
  };
}

/** The sound of the longest film, as stereo of float32 at 48 kHz, and more than its photos take at once. */
function preparedBytesOf(filmHours: number): number {
  return filmHours * 3600 * sampleRate * 8 + 2_000_000_000;
}

/** A container's user may have no name. */
function loginName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** A file of that name is `./ambient`. */
function musicOf(text: string | null): string | null {
  if (text === null || text === "none") return null;
  return text === "ambient" ? text : path.resolve(text);
}

/** Reads what is made of several settings. @throws KeepsakeError with the sentences of all that cannot be, a line each */
function readAll<Parts extends readonly (() => unknown)[]>(
  ...parts: Parts
): { readonly [Index in keyof Parts]: ReturnType<Parts[Index]> } {
  const faults: KeepsakeError[] = [];
  const values = parts.map((read) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof KeepsakeError)) throw error;
      return void faults.push(error);
    }
  });
  const [first] = faults;
  if (first === undefined) return values as { [Index in keyof Parts]: ReturnType<Parts[Index]> };
  throw new KeepsakeError(first.code, faults.map(({ message }) => message).join("\n"), { cause: first });
}

function checkHeartbeat({ leaseSeconds, heartbeatSeconds }: ParsedSettings): void {
  if (heartbeatSeconds * 3 <= leaseSeconds) return;
  throw new KeepsakeError(
    "setting-invalid",
    `KEEPSAKE_HEARTBEAT_SECONDS (${heartbeatSeconds}) must be at most a third of KEEPSAKE_LEASE_SECONDS (${leaseSeconds}).`,
  );
}

function databaseConfig({ databaseUrl, supabaseUrl, serviceKey }: ParsedSettings): DatabaseConfig | null {
  if (databaseUrl !== null) return { kind: "postgres", url: databaseUrl };
  if (supabaseUrl === null || serviceKey === null) return null;
  return { kind: "data-api", projectUrl: supabaseUrl, serviceKey };
}

function storageConfig(parsed: ParsedSettings, workFolder: string): StorageConfig | null {
  const { bucket, storageFolder, supabaseUrl, serviceKey, projectHosts } = parsed;
  if (storageFolder !== null) return { kind: "folder", folder: path.resolve(storageFolder), bucket };
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
  const uploadsFolder = path.join(workFolder, "uploads");
  return { kind: "supabase", projectUrl: supabaseUrl, serviceKey, bucket, projectHosts, uploadsFolder };
}
