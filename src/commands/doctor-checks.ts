import path from "node:path";

import type { DecoderVersions } from "../assets/decoder-versions.js";
import { decoderVersionsModule, describeDecoders } from "../assets/list-decoders.js";
import { cacheKey } from "../cache/cache-key.js";
import { createDiskCache } from "../cache/disk-cache.js";
import { missingBeside } from "../worker/check-setup.js";
import type { Config } from "../settings/config.js";
import { requireStorage } from "../settings/require-setting.js";
import { KeepsakeError, toKeepsakeError } from "../errors.js";
import { createLog } from "../log.js";
import { openMusic } from "../worker/open-music.js";
import { findShortage } from "../worker/pre-flight.js";
import { protectProcess } from "../process/protect-process.js";
import { probeChildren } from "../process/probe-children.js";
import { createRecogniser } from "../speech/create-recogniser.js";
import { createStore } from "../worker/create-store.js";
import type { StoreFindings } from "../storage/film-store.js";
import { openWorkFolder } from "../files/work-folder.js";
import type { DoctorCheck } from "./doctor-check.js";
import { checkDatabaseForDoctor } from "./doctor-database.js";
import { sampleRate } from "../media/sound/sound-format.js";

/** Looks at everything that a worker needs, in the order in which it needs it; leaves nothing behind. */
export async function runChecks(config: Config, signal: AbortSignal): Promise<readonly DoctorCheck[]> {
  const storage = await storageChecks(config, signal);
  return [
    ...(await checkDatabaseForDoctor(config, storage.findings, signal)),
    ...storage.checks,
    { name: "media", ok: true, message: mediaComeFrom(config) },
    await check("work folder", () => workFolderIs(config)),
    await check("room for a film", () => roomIs(config)),
    ...(await processChecks(config, signal)),
    await check("cache", () => cacheIs(config)),
    { name: "theme", ok: true, message: themesAre(config) },
    await check("speech", () => speechIs(config)),
    await check("music", () => musicIs(config, signal)),
  ];
}

async function check(name: string, look: () => Promise<string>): Promise<DoctorCheck> {
  try {
    return { name, ok: true, message: await look() };
  } catch (error) {
    return { name, ok: false, message: toKeepsakeError(error).message };
  }
}

/** @returns what the store says of itself too; null where it is not ready */
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
  const missing = missingBeside(createStore(requireStorage(config)), found);
  return {
    checks: [
      storage,
      ...privacyChecks(found),
      ...missing.map((message) => ({ name: "storage", ok: true, warning: true, message })),
      await check("film size", () => filmSizeIs(config, signal)),
    ],
    findings: found,
  };
}

/** Who can see a film; of a folder the operator knows. */
function privacyChecks({ isPublic }: StoreFindings): DoctorCheck[] {
  if (isPublic === null) return [];
  const message = isPublic
    ? "Films are public: anyone who knows a capsule's id sees its film. `keepsake migrate --make-private` makes the " +
      "bucket private, once the app signs the addresses of films (docs/storage.md)."
    : "Films are private: who sees one is for the app to say, which signs its address.";
  return [{ name: "privacy", ok: true, ...(isPublic && { warning: true }), message }];
}

async function filmSizeIs(config: Config, signal: AbortSignal): Promise<string> {
  const set = config.film.maxBytes;
  const bucket = await createStore(requireStorage(config)).sizeLimitBytes(signal);
  if (bucket !== null && bucket <= (set ?? Infinity))
    return `Films are planned to have at most ${bucket} bytes, as the bucket takes no more.`;
  return set === null
    ? "Films may be as large as they come: neither the bucket nor KEEPSAKE_MAX_FILM_BYTES says otherwise. " +
        "On Supabase's free plan set it to 50000000."
    : `Films are planned to have at most ${set} bytes, as KEEPSAKE_MAX_FILM_BYTES says.`;
}

function mediaComeFrom({ media: { places, hosts, maxFileBytes, maxBytes }, storage }: Config): string {
  const own = placesAre(places);
  const elsewhere = hosts.length === 0 ? "from no other host" : `from ${hosts.join(", ")}`;
  const sources = storage === null ? elsewhere : `from ${own}, and ${elsewhere}`;
  const [file, sum] = [maxFileBytes, maxBytes].map((bytes) => Math.round(bytes / 1e6));
  return `Files come ${sources}; at most ${file} MB each and ${sum} MB a capsule.`;
}

function placesAre(places: Config["media"]["places"]): string {
  if (places === null)
    return "files of the storage that anyone may have or that have their capsule's id in the path (KEEPSAKE_MEDIA_BUCKETS is not set)";
  return places.includes("*")
    ? "any bucket of the storage but that of films"
    : `${places.join(" and ")} in the storage`;
}

async function workFolderIs({ workFolder }: Config): Promise<string> {
  await using folder = await openWorkFolder(workFolder);
  return `Films can be made in ${path.dirname(folder.path)}.`;
}

/** What a worker looks at before it takes a job; here nothing is let go of for it. */
async function roomIs({ workFolder, worker: { minDiskBytes, minMemoryBytes } }: Config): Promise<string> {
  const makeRoom = () => Promise.resolve();
  const shortage = await findShortage({ workFolder, minDiskBytes, minMemoryBytes, makeRoom });
  if (shortage !== null)
    throw new KeepsakeError("setting-invalid", `A worker would take no job. ${shortage.reason}`);
  const [disk, memory] = [minDiskBytes, minMemoryBytes].map((bytes) => `${Math.round(bytes / 1e6)} MB`);
  return `More than ${disk} of disk and ${memory} of memory are free.`;
}

/** One process answers both: how those that make films are held, and which decoders they load. */
async function processChecks({ workFolder }: Config, signal: AbortSignal): Promise<DoctorCheck[]> {
  let decoders: DecoderVersions | null = null;
  const processes = await check("processes", async () => {
    await using folder = await openWorkFolder(workFolder);
    const { sentence, description } = await probeChildren(folder.path, signal, decoderVersionsModule);
    decoders = description as DecoderVersions;
    return `${sentence} ${keysAre()}`;
  });
  if (decoders === null) return [processes];
  return [processes, { name: "decoders", ok: true, message: describeDecoders(decoders) }];
}

function keysAre(): string {
  const unprotected = protectProcess();
  return unprotected === null
    ? "No other process of this user can read the keys of this one."
    : `Other processes of this user can read the keys of this one: ${unprotected}.`;
}

/** Keeps something, takes it back, and lets it go. */
async function cacheIs({ cache: { folder, limitBytes } }: Config): Promise<string> {
  if (limitBytes === 0)
    return "It is off (KEEPSAKE_CACHE_BYTES is 0): every film is made from the beginning.";
  const cache = createDiskCache({ folder, limitBytes, log: createLog("silent", false) });
  const key = cacheKey("doctor", process.pid);
  await cache.store(key, { value: true, files: {} });
  const isKept = (await cache.get(key)) !== null;
  await cache.remove(key);
  if (isKept) return `Up to ${(limitBytes / 1e9).toFixed(1)} GB are kept in ${folder}.`;
  throw new KeepsakeError(
    "setting-invalid",
    `Nothing can be kept in ${folder}, so every film is made from the beginning. Set KEEPSAKE_CACHE_FOLDER to a folder of this ` +
      "user's that can be written to, or KEEPSAKE_CACHE_BYTES to 0.",
  );
}

function themesAre({ film, themes }: Config): string {
  const names = [...new Set(themes.map(({ name }) => name))].join(", ");
  return `Films look like ${film.theme.name}; a capsule's column theme may choose among ${names}.`;
}

async function speechIs({ recogniser: settings }: Config): Promise<string> {
  if (settings === null)
    return "Speech is not recognised; KEEPSAKE_WHISPER_MODEL would give voices and videos captions.";
  const { identity } = await createRecogniser(settings);
  const language = identity.language === "auto" ? "any language" : identity.language;
  const model = `${settings.modelPath} (sha256 ${identity.modelSha256.slice(0, 12)})`;
  return `Speech in ${language} is recognised by ${model}.`;
}

async function musicIs(config: Config, signal: AbortSignal): Promise<string> {
  await using music = await openMusic(config, signal);
  if (music.sound === null) return "None; pictures pass in quiet. KEEPSAKE_MUSIC names a sound file to play.";
  if (music.sound.kind === "ambient") return "Slow chords, made up for each film.";
  return `${config.music} can be played (${Math.round(music.sound.sampleCount / sampleRate)} s).`;
}
