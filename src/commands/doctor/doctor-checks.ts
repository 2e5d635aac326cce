import path from "node:path";

import type { DecoderVersions } from "../../assets/decoder-versions.js";
import { decoderVersionsModule, describeDecoders } from "../../assets/list-decoders.js";
import { cacheKey } from "../../cache/cache-key.js";
import { createDiskCache } from "../../cache/disk-cache.js";
import { describeRejectedTypes } from "../../worker/check-setup.js";
import type { Config } from "../../settings/config.js";
import { requireStorage } from "../../settings/require-setting.js";
import { KeepsakeError, toKeepsakeError } from "../../errors.js";
import { createLog } from "../../log.js";
import { openMusic } from "../../worker/open-music.js";
import { findShortage } from "../../worker/pre-flight.js";
import { protectProcess } from "../../process/protect-process.js";
import { probeChildren } from "../../process/probe-children.js";
import { createRecogniser } from "../../speech/create-recogniser.js";
import { createStore } from "../../worker/create-store.js";
import type { StoreFindings } from "../../storage/film-store.js";
import { openWorkFolder } from "../../files/work-folder.js";
import type { DoctorCheck } from "./doctor-check.js";
import { checkDatabaseForDoctor } from "./doctor-database.js";
import { sampleRate } from "../../media/sound/sound-format.js";

/** Checks everything that a worker needs, in the order in which it is used; leaves nothing behind. */
export async function runChecks(config: Config, signal: AbortSignal): Promise<readonly DoctorCheck[]> {
  const storage = await storageChecks(config, signal);
  return [
    ...(await checkDatabaseForDoctor(config, storage.findings, signal)),
    ...storage.checks,
    { name: "media", ok: true, message: describeMedia(config) },
    await check("work folder", () => checkWorkFolder(config)),
    await check("space for a film", () => checkSpace(config)),
    ...(await processChecks(config, signal)),
    await check("cache", () => checkCache(config)),
    { name: "theme", ok: true, message: describeThemes(config) },
    await check("speech", () => checkSpeech(config)),
    await check("music", () => checkMusic(config, signal)),
  ];
}

async function check(name: string, run: () => Promise<string>): Promise<DoctorCheck> {
  try {
    return { name, ok: true, message: await run() };
  } catch (error) {
    return { name, ok: false, message: toKeepsakeError(error).message };
  }
}

/** @returns the findings of the store too; null where it is not ready */
async function storageChecks(
  config: Config,
  signal: AbortSignal,
): Promise<{ readonly checks: DoctorCheck[]; readonly findings: StoreFindings | null }> {
  let findings: StoreFindings | null = null;
  const storage = await check("storage", async () => {
    const store = createStore(requireStorage(config));
    findings = await store.check(signal);
    return `${store.description} can be written to.`;
  });
  const found = findings as StoreFindings | null;
  if (found === null) return { checks: [storage], findings: null };
  const missing = describeRejectedTypes(createStore(requireStorage(config)), found);
  return {
    checks: [
      storage,
      ...privacyChecks(found),
      ...missing.map((message) => ({ name: "storage", ok: true, warning: true, message })),
      await check("film size", () => describeFilmSize(config, signal)),
    ],
    findings: found,
  };
}

/** Reports who can see films. In a folder this depends on the machine, so nothing is reported. */
function privacyChecks({ isPublic }: StoreFindings): DoctorCheck[] {
  if (isPublic === null) return [];
  const message = isPublic
    ? "Films are public: anyone who knows a capsule's id can see its film. `keepsake migrate --make-private` makes the " +
      "bucket private, once the app signs the URLs of films (docs/storage.md)."
    : "Films are private: the app signs URLs for those who may see them.";
  return [{ name: "privacy", ok: true, ...(isPublic && { warning: true }), message }];
}

async function describeFilmSize(config: Config, signal: AbortSignal): Promise<string> {
  const set = config.film.maxBytes;
  const bucket = await createStore(requireStorage(config)).sizeLimitBytes(signal);
  if (bucket !== null && bucket <= (set ?? Infinity))
    return `Films are planned to have at most ${bucket} bytes, the limit of the bucket.`;
  return set === null
    ? "The size of films has no limit, neither of the bucket nor by KEEPSAKE_MAX_FILM_BYTES. " +
        "On Supabase's free plan set it to 50000000."
    : `Films are planned to have at most ${set} bytes, the value of KEEPSAKE_MAX_FILM_BYTES.`;
}

function describeMedia({ media: { places, hosts, maxFileBytes, maxBytes }, storage }: Config): string {
  const own = describePlaces(places);
  const elsewhere = hosts.length === 0 ? "from no other host" : `from ${hosts.join(", ")}`;
  const sources = storage === null ? elsewhere : `from ${own}, and ${elsewhere}`;
  const [file, sum] = [maxFileBytes, maxBytes].map((bytes) => Math.round(bytes / 1e6));
  return `Files are fetched ${sources}; at most ${file} MB each and ${sum} MB per capsule.`;
}

function describePlaces(places: Config["media"]["places"]): string {
  if (places === null)
    return "files of the storage that are public or have their capsule's id in the path (KEEPSAKE_MEDIA_BUCKETS is not set)";
  return places.includes("*")
    ? "any bucket of the storage except that for films"
    : `${places.join(" and ")} in the storage`;
}

async function checkWorkFolder({ workFolder }: Config): Promise<string> {
  await using folder = await openWorkFolder(workFolder);
  return `Films can be made in ${path.dirname(folder.path)}.`;
}

/** Runs the checks of a worker before it claims a job, but never empties the cache. */
async function checkSpace({ workFolder, worker: { minDiskBytes, minMemoryBytes } }: Config): Promise<string> {
  const makeRoom = () => Promise.resolve();
  const shortage = await findShortage({ workFolder, minDiskBytes, minMemoryBytes, makeRoom });
  if (shortage !== null)
    throw new KeepsakeError("setting-invalid", `A worker would claim no job. ${shortage.reason}`);
  const [disk, memory] = [minDiskBytes, minMemoryBytes].map((bytes) => `${Math.round(bytes / 1e6)} MB`);
  return `More than ${disk} of disk and ${memory} of memory are free.`;
}

/** Runs one process, which reports both its sandbox and its decoders. */
async function processChecks({ workFolder }: Config, signal: AbortSignal): Promise<DoctorCheck[]> {
  let decoders: DecoderVersions | null = null;
  const processes = await check("processes", async () => {
    await using folder = await openWorkFolder(workFolder);
    const { sentence, description } = await probeChildren(folder.path, signal, decoderVersionsModule);
    decoders = description as DecoderVersions;
    return `${sentence} ${describeKeys()}`;
  });
  if (decoders === null) return [processes];
  return [processes, { name: "decoders", ok: true, message: describeDecoders(decoders) }];
}

function describeKeys(): string {
  const unprotected = protectProcess();
  return unprotected === null
    ? "Other processes of this user cannot read this one's keys."
    : `Other processes of this user can read this one's keys: ${unprotected}.`;
}

/** Stores an entry, reads it, and removes it. */
async function checkCache({ cache: { folder, limitBytes } }: Config): Promise<string> {
  if (limitBytes === 0) return "It is off (KEEPSAKE_CACHE_BYTES is 0): every film is made from scratch.";
  const cache = createDiskCache({ folder, limitBytes, log: createLog("silent", false) });
  const key = cacheKey("doctor", process.pid);
  await cache.store(key, { value: true, files: {} });
  const isStored = (await cache.get(key)) !== null;
  await cache.remove(key);
  if (isStored) return `It may use up to ${(limitBytes / 1e9).toFixed(1)} GB in ${folder}.`;
  throw new KeepsakeError(
    "setting-invalid",
    `The cache cannot be written in ${folder}, so every film is made from scratch. Set KEEPSAKE_CACHE_FOLDER to a folder ` +
      "that this user can write to, or KEEPSAKE_CACHE_BYTES to 0.",
  );
}

function describeThemes({ film, themes }: Config): string {
  const names = [...new Set(themes.map(({ name }) => name))].join(", ");
  return `The theme of films is ${film.theme.name}; a capsule's column theme may choose among ${names}.`;
}

async function checkSpeech({ recogniser: settings }: Config): Promise<string> {
  if (settings === null)
    return "Speech is not recognised; KEEPSAKE_WHISPER_MODEL would add captions to voices and videos.";
  const { identity } = await createRecogniser(settings);
  const language = identity.language === "auto" ? "any language" : identity.language;
  const model = `${settings.modelPath} (sha256 ${identity.modelSha256.slice(0, 12)})`;
  return `Speech in ${language} is recognised by ${model}.`;
}

async function checkMusic(config: Config, signal: AbortSignal): Promise<string> {
  await using music = await openMusic(config, signal);
  if (music.sound === null)
    return "None: films are silent under pictures. KEEPSAKE_MUSIC names a sound file to play.";
  if (music.sound.kind === "ambient") return "Slow chords, composed for each film.";
  return `${config.music} can be played (${Math.round(music.sound.sampleCount / sampleRate)} s).`;
}
