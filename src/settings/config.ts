/**
 * Reads all settings from the environment and validates them at the start. A missing or wrong setting stops the start
 * with a sentence that names it and explains how to set it.
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
  /** The secret settings that were read from files, each with the setting or credential that named its file. */
  readonly secretSources: ReadonlyMap<string, string>;
  readonly database: DatabaseConfig | null;
  readonly storage: StorageConfig | null;
  /** The bucket for films, even if no storage is set; null where films are stored in a folder. */
  readonly filmBucket: string | null;
  readonly media: MediaConfig;
  readonly film: FilmConfig;
  /** Music under films: the path of a file, or `ambient`. */
  readonly music: string | null;
  /** Themes that a capsule may choose from. */
  readonly themes: readonly Theme[];
  /** Settings of speech recognition. Null: speech without a transcript has no captions. */
  readonly recogniser: RecogniserSettings | null;
  readonly worker: WorkerConfig;
  /** Name that is recorded for the person who cancels, retries, …; null: unknown. */
  readonly operator: string | null;
  readonly cores: number;
  readonly workFolder: string;
  readonly cache: { readonly folder: string; readonly limitBytes: number };
  readonly logLevel: LogLevel;
  /** Interval at which progress is printed or logged outside a terminal. */
  readonly progressSeconds: number;
}

/** Settings of all films. The identities of recogniser and music are not known before their files have been read. */
export type FilmConfig = Omit<FilmSettings, "recogniser" | "music">;

/** Places that contributors' files may be fetched from, and their maximum sizes. */
export interface MediaConfig {
  readonly hosts: readonly string[];
  /** Places in the project's storage: `bucket`, `bucket/folder` or `*`; null: the operator has not set them yet. */
  readonly places: readonly string[] | null;
  readonly maxFileBytes: number;
  /** Limit of all files of a capsule together. */
  readonly maxBytes: number;
  /** Limit of all of them together once they are decoded. */
  readonly maxPreparedBytes: number;
}

/** The two ways to reach the database. */
export type DatabaseConfig =
  | { readonly kind: "postgres"; readonly url: string }
  | { readonly kind: "data-api"; readonly projectUrl: string; readonly serviceKey: string };

export type StorageConfig =
  | {
      readonly kind: "supabase";
      readonly projectUrl: string;
      readonly serviceKey: string;
      readonly bucket: string;
      /** Further hosts in the URLs by which rows may name the project's files. */
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
  /** Disk space and memory that must be free before a job is claimed. */
  readonly minDiskBytes: number;
  readonly minMemoryBytes: number;
  /** 0: the worker never searches for closed capsules without a job. */
  readonly sweepSeconds: number;
  /** 0: nothing is pruned. */
  readonly keepDays: number;
}

/** @throws KeepsakeError `setting-missing` or `setting-invalid`, which names the variable or its option, never its value */
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
      // The default is on the same filesystem, where a file is cached by a hard link instead of a copy.
      folder: path.resolve(parsed.cacheFolder ?? path.join(workFolder, "cache")),
      limitBytes: parsed.cacheBytes,
    },
    logLevel: parsed.logLevel,
    progressSeconds: parsed.progressSeconds,
  };
}

/** Returns the bytes of the longest film's sound (48 kHz, stereo, float32) and 2 GB for decoded photos. */
function preparedBytesOf(filmHours: number): number {
  return filmHours * 3600 * sampleRate * 8 + 2_000_000_000;
}

/** Returns null for a user without a name, as in some containers. */
function loginName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** Resolves the path of a music file. `ambient` and `none` are not paths; a file of that name is `./ambient`. */
function musicOf(text: string | null): string | null {
  if (text === null || text === "none") return null;
  return text === "ambient" ? text : path.resolve(text);
}

/** Reads values that depend on several settings. @throws KeepsakeError with a line for each value that is wrong */
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
