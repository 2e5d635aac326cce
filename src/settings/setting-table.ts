import { z } from "zod";

import { qualities } from "../film/model/film-settings.js";
import { languages } from "../film/model/labels.js";
import { builtInThemes, classic } from "../film/model/theme.js";
import { logLevels } from "../log.js";
import { spokenLanguages } from "../speech/languages.js";
import { sampleRate } from "../media/sound/sound-format.js";

interface Setting {
  readonly env: string;
  readonly schema: z.ZodType;
  /** The default as text; null where there is none. */
  readonly fallback: string | null;
  readonly meaning: string;
}

function setting<Schema extends z.ZodType, Fallback extends string | null>(
  env: string,
  schema: Schema,
  fallback: Fallback,
  meaning: string,
): Setting & { readonly schema: Schema; readonly fallback: Fallback } {
  return { env, schema, fallback, meaning };
}

const seconds = (min: number, max: number) => z.coerce.number().min(min).max(max);
const httpUrl = z
  .url({ protocol: /^https?$/, error: "must be a URL that begins with https:// (or http://)" })
  .refine((text) => !/[?#@]/.test(text), "must be a URL without a user, a query and a fragment")
  .transform((text) => text.replace(/\/+$/, ""));
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ""),
);
/** Hosts with or without a port, normalised as in a parsed URL: lower case, international names in ASCII. */
const hostList = (pattern: RegExp, error: string) =>
  list
    .refine((hosts) => hosts.every((host) => pattern.test(host) && isHost(host.replace(/^\*\./, ""))), error)
    .transform((hosts) => hosts.map((host) => host.replace(/[^*.].*$/, toHost)));
const frameSizes = [
  "1920x1080",
  "3840x2160",
  "1280x720",
  "640x360",
  "1080x1920",
  "720x1280",
  "360x640",
  "1080x1080",
  "720x720",
  "360x360",
] as const;

/** Settings whose values are never shown. The other settings must not contain these values. */
export const secretSettings: ReadonlySet<string> = new Set(["DATABASE_URL", "SUPABASE_SERVICE_ROLE_KEY"]);

/** All settings, in the order of the table in docs/settings.md, which `npm run docs` generates from this one. */
export const settingTable = {
  databaseUrl: setting(
    "DATABASE_URL",
    z.url({
      protocol: /^postgres(ql)?$/,
      error:
        "must be a URL that begins with postgresql://, with each of : / ? # [ ] @ % in the password percent-encoded",
    }),
    null,
    "PostgreSQL connection string of the project: direct, session or transaction pooler. " +
      "Without it the Data API is used ([connection or Data API](docs/database.md#connection-or-data-api)).",
  ),
  databaseUrlFile: setting(
    "DATABASE_URL_FILE",
    z.string().min(1),
    null,
    "A file that contains the value of `DATABASE_URL`; set one of the two ([keys by file](docs/cli.md#keys-by-file)).",
  ),
  supabaseUrl: setting(
    "SUPABASE_URL",
    httpUrl,
    null,
    "The project's URL, `https://<ref>.supabase.co`. Films are stored in its Storage, and media are read from it.",
  ),
  serviceKey: setting(
    "SUPABASE_SERVICE_ROLE_KEY",
    z
      .string()
      .min(20)
      .regex(/^(?!.*:\/\/)[\x21-\x7e]*$/, "must be one word, not a URL"),
    null,
    "The project's secret key (`sb_secret_…`) or its legacy `service_role` key.",
  ),
  serviceKeyFile: setting(
    "SUPABASE_SERVICE_ROLE_KEY_FILE",
    z.string().min(1),
    null,
    "A file that contains the value of `SUPABASE_SERVICE_ROLE_KEY`; set one of the two ([keys by file](docs/cli.md#keys-by-file)).",
  ),
  storageFolder: setting(
    "KEEPSAKE_STORAGE_FOLDER",
    z.string().min(1),
    null,
    "A local folder for films and media instead of Supabase Storage.",
  ),
  bucket: setting(
    "KEEPSAKE_BUCKET",
    z
      .string()
      .regex(/^[\w.-]{1,100}$/, "must be of at most 100 letters, digits, dots, hyphens and underlines"),
    "videos",
    "The bucket for films.",
  ),
  projectHosts: setting(
    "KEEPSAKE_PROJECT_HOSTS",
    hostList(/^[^*]+$/, "must be hosts such as api.example.org or api.example.org:8443, separated by commas"),
    "",
    "Further hosts in the URLs of the project's files in messages, separated by commas: its custom domain, or its public " +
      "name where `SUPABASE_URL` has an internal one. No request is sent to them.",
  ),
  mediaBuckets: setting(
    "KEEPSAKE_MEDIA_BUCKETS",
    list.refine(
      (places) => places.length > 0 && places.every(isPlace),
      "must be buckets, each with or without a folder, separated by commas, e.g. media,voices/{capsule_id}",
    ),
    null,
    "The buckets of contributors' files, separated by commas, each with or without a folder; `{capsule_id}` is replaced by " +
      "the capsule's id, and `*` means every bucket except the one for films. Not set: messages may name public files, and " +
      "private ones with the capsule's id in their path; the job of a capsule with other private files waits " +
      "([why](docs/fetching.md#which-files-of-the-project)).",
  ),
  mediaHosts: setting(
    "KEEPSAKE_MEDIA_HOSTS",
    hostList(
      /^(\*\.)?[^*]+$/,
      "must be hosts such as media.example.org, media.example.org:8443 or *.example.org, separated by commas",
    ),
    "",
    "Further hosts that media may be fetched from, separated by commas; `*.example.org` means all its subdomains. The " +
      "project's own host is always allowed ([all rules](docs/fetching.md)).",
  ),
  maxFileBytes: setting(
    "KEEPSAKE_MAX_FILE_BYTES",
    z.coerce.number().int().min(1_000_000),
    "2000000000",
    "Larger files of contributors are left out. 2 GB is about five minutes of a phone's 4K video.",
  ),
  maxMediaBytes: setting(
    "KEEPSAKE_MAX_MEDIA_BYTES",
    z.coerce.number().int().min(1_000_000),
    "20000000000",
    "Maximum size of all files of a capsule together; beyond it the largest files are left out.",
  ),
  maxPreparedBytes: setting(
    "KEEPSAKE_MAX_PREPARED_BYTES",
    z.coerce.number().int().min(1_000_000),
    null,
    "Maximum size of a capsule's decoded files; a capsule that needs more is rejected. By default the size of the longest " +
      "film's sound and 2 GB more, which is 6.1 GB for three hours.",
  ),
  quality: setting("KEEPSAKE_QUALITY", z.enum(qualities), "standard", "`draft`, `standard` or `archive`."),
  size: setting(
    "KEEPSAKE_SIZE",
    z.enum(frameSizes),
    "1920x1080",
    `Width and height of the film; each shape has its own layout: ${frameSizes.join(", ")}.`,
  ),
  maxFilmBytes: setting(
    "KEEPSAKE_MAX_FILM_BYTES",
    z.coerce.number().int().min(1_000_000),
    null,
    "Maximum size of a film. Films are planned to fit into it, and into the bucket's own limit. For Supabase's free plan set 50000000.",
  ),
  maxFilmHours: setting(
    "KEEPSAKE_MAX_FILM_HOURS",
    z.coerce.number().min(0.01).max(24),
    "3",
    "Maximum length of a film, up to 24 hours; a capsule that needs a longer one is rejected before its film is made ([docs/limits.md](docs/limits.md)).",
  ),
  fps: setting(
    "KEEPSAKE_FPS",
    z.coerce
      .number()
      .refine((fps) => [25, 30, 60].includes(fps) && sampleRate % fps === 0, "must be 25, 30 or 60"),
    "30",
    "Frames per second: 25, 30 or 60.",
  ),
  theme: setting(
    "KEEPSAKE_THEME",
    z.string().min(1).max(4096),
    classic.name,
    `The theme of films: ${Object.keys(builtInThemes)
      .map((name) => `\`${name}\``)
      .join(
        ", ",
      )}, or the path of a JSON file ([docs/themes.md](docs/themes.md)). The capsule's column \`theme\` takes precedence.`,
  ),
  language: setting(
    "KEEPSAKE_LANGUAGE",
    z.enum(languages),
    "en",
    `Language of the few words that the film itself shows: ${languages.join(", ")}.`,
  ),
  honoree: setting(
    "KEEPSAKE_HONOREE",
    z.string().trim().min(1).max(200),
    null,
    "The name shown in a film when the capsule's row has no title or name.",
  ),
  music: setting(
    "KEEPSAKE_MUSIC",
    z.string().min(1),
    null,
    "Background music of films: the path of a sound file, `ambient` for soft, slow chords, or `none`.",
  ),
  whisperModel: setting(
    "KEEPSAKE_WHISPER_MODEL",
    z.string().min(1),
    null,
    "A whisper model in ggml's format, e.g. `ggml-base.bin`: it adds captions to speech without a transcript.",
  ),
  speechLanguage: setting(
    "KEEPSAKE_SPEECH_LANGUAGE",
    z.enum(spokenLanguages, "must be auto or the two letters of a language, e.g. en"),
    "auto",
    "Language that people speak and write, e.g. `en`, for captions; `auto` detects it in each recording.",
  ),
  strict: setting(
    "KEEPSAKE_STRICT",
    z.stringbool(),
    "false",
    "`true`: reject a film if a file cannot be used, instead of showing a card in its place.",
  ),
  slots: setting(
    "KEEPSAKE_SLOTS",
    z.coerce.number().int().min(1).max(32),
    "1",
    "Number of films that are made at the same time.",
  ),
  cores: setting(
    "KEEPSAKE_CORES",
    z.coerce.number().int().min(1).max(256),
    null,
    "Number of processes that paint and encode one film at the same time; by default one per core.",
  ),
  leaseSeconds: setting(
    "KEEPSAKE_LEASE_SECONDS",
    seconds(5, 3600),
    "120",
    "Seconds for which a job stays reserved for a worker after its last heartbeat.",
  ),
  heartbeatSeconds: setting(
    "KEEPSAKE_HEARTBEAT_SECONDS",
    seconds(1, 600),
    "20",
    "Seconds between two renewals of a lease; at most a third of the lease.",
  ),
  drainSeconds: setting(
    "KEEPSAKE_DRAIN_SECONDS",
    seconds(0, 86_400),
    "25",
    "Seconds for which films may continue after the first SIGTERM; after that their jobs are returned to the queue.",
  ),
  filmTimeoutSeconds: setting(
    "KEEPSAKE_FILM_TIMEOUT_SECONDS",
    seconds(10, 604_800),
    "7200",
    "A film that takes longer is stopped and the attempt fails.",
  ),
  stallSeconds: setting(
    "KEEPSAKE_STALL_SECONDS",
    seconds(10, 604_800),
    "3600",
    "A film without progress for this long is stopped and the attempt fails. Each step also has its own limit.",
  ),
  minDiskBytes: setting(
    "KEEPSAKE_MIN_DISK_BYTES",
    z.coerce.number().int().min(0),
    "2000000000",
    "No job is claimed while the work folder's disk has less free space, after the cache has been emptied.",
  ),
  minMemoryBytes: setting(
    "KEEPSAKE_MIN_MEMORY_BYTES",
    z.coerce.number().int().min(0),
    "600000000",
    "No job is claimed while the machine, or its container, has less free memory.",
  ),
  workFolder: setting(
    "KEEPSAKE_WORK_FOLDER",
    z.string().min(1),
    null,
    "Folder for films while they are made; by default `keepsake` in the system's folder for temporary files.",
  ),
  cacheFolder: setting(
    "KEEPSAKE_CACHE_FOLDER",
    z.string().min(1),
    null,
    "Folder where encoded segments and decoded files are cached for the next film; by default `cache` in the work folder. " +
      "It contains people's pictures, and may be deleted at any time.",
  ),
  cacheBytes: setting(
    "KEEPSAKE_CACHE_BYTES",
    z.coerce.number().int().min(0),
    "10000000000",
    "Maximum size of the cache. It also never uses more than half of the space that its disk has for it. `0` turns it off.",
  ),
  workerName: setting(
    "KEEPSAKE_WORKER_NAME",
    z
      .string()
      .regex(
        /^[\w.:-]{1,100}$/,
        "must be of at most 100 letters, digits, dots, colons, hyphens and underlines",
      ),
    null,
    "This worker's name in the records of its attempts; by default host name and process id.",
  ),
  sweepSeconds: setting(
    "KEEPSAKE_SWEEP_SECONDS",
    z.coerce
      .number()
      .refine(
        (every) => every === 0 || (every >= 10 && every <= 86_400),
        "must be a number of seconds from 10 to 86400, or 0",
      ),
    "300",
    "Seconds between two searches for closed capsules without a job, which one of the workers enqueues; `0`: never.",
  ),
  keepDays: setting(
    "KEEPSAKE_KEEP_DAYS",
    z.coerce
      .number()
      .int()
      .refine(
        (days) => days === 0 || (days >= 7 && days <= 3650),
        "must be a number of days from 7 to 3650, or 0",
      ),
    "90",
    "The sweep deletes attempts, operations and PGMQ's archived jobs after this number of days. The same number of days " +
      "after it first finds a capsule missing, it deletes the capsule's film, poster and captions in the storage, its dead " +
      "letters and all other records. `0`: never. `keepsake forget` does so at once.",
  ),
  operator: setting(
    "KEEPSAKE_OPERATOR",
    z.string().max(100),
    null,
    "Name that is recorded for the person who cancels, retries, pauses, …; by default the name of the system's user.",
  ),
  logLevel: setting(
    "KEEPSAKE_LOG",
    z.enum(logLevels),
    "info",
    "`debug`, `info`, `warn`, `error` or `silent`.",
  ),
  progressSeconds: setting(
    "KEEPSAKE_PROGRESS_SECONDS",
    seconds(0.1, 3600),
    "30",
    "Seconds between two lines about the progress of a film that `render` and `demo` print outside a terminal; a worker logs it half as often.",
  ),
} as const;

/** Whether the text is only a host, with or without a port. */
function isHost(text: string): boolean {
  return /^[^\s/?#@\\]+$/.test(text) && URL.canParse(`http://${text}`);
}

function toHost(text: string): string {
  const { hostname } = new URL(`http://${text}`);
  return hostname + (/:\d+$/.exec(text)?.[0] ?? "");
}

/** Whether the text is `*`, or a bucket with or without folders. */
function isPlace(place: string): boolean {
  const segments = place.split("/");
  return (
    place === "*" ||
    segments.every((segment) => !["", ".", "..", "*"].includes(segment) && !/[\p{Cc}\\]/u.test(segment))
  );
}
