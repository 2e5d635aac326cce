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
  /** Text of the default as it would be written; null where there is none. */
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

const seconds = (least: number, most: number) => z.coerce.number().min(least).max(most);
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
/** Hosts with or without a port, as they are in a parsed URL: in lower case, international names in ASCII. */
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

/** Their values are never shown, and looked for in all others, where they do not belong. */
export const secretSettings: ReadonlySet<string> = new Set(["DATABASE_URL", "SUPABASE_SERVICE_ROLE_KEY"]);

/** The settings, in the order of the table in the README (a test keeps the two in step). */
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
      "Without it the Data API is used ([two ways in](docs/database.md#two-ways-in)).",
  ),
  databaseUrlFile: setting(
    "DATABASE_URL_FILE",
    z.string().min(1),
    null,
    "The file that holds `DATABASE_URL`, instead of it ([keys by file](docs/cli.md#keys-by-file)).",
  ),
  supabaseUrl: setting(
    "SUPABASE_URL",
    httpUrl,
    null,
    "The project's URL, `https://<ref>.supabase.co`. Films go to its Storage, media are read from it.",
  ),
  serviceKey: setting(
    "SUPABASE_SERVICE_ROLE_KEY",
    z
      .string()
      .min(20)
      .regex(/^(?!.*:\/\/)[\x21-\x7e]*$/, "must be one word, and no address"),
    null,
    "The project's secret key (`sb_secret_…`) or its legacy `service_role` key.",
  ),
  serviceKeyFile: setting(
    "SUPABASE_SERVICE_ROLE_KEY_FILE",
    z.string().min(1),
    null,
    "The file that holds `SUPABASE_SERVICE_ROLE_KEY`, instead of it ([keys by file](docs/cli.md#keys-by-file)).",
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
    hostList(
      /^[^*]+$/,
      "must be hosts such as api.example.org, with :port where it is another, separated by commas",
    ),
    "",
    "Further hosts of the project in the addresses that messages have, separated by commas: its custom domain, or the " +
      "public name of one that `SUPABASE_URL` reaches by an inner one. Nothing is sent to them.",
  ),
  mediaBuckets: setting(
    "KEEPSAKE_MEDIA_BUCKETS",
    list.refine(
      (places) => places.length > 0 && places.every(isPlace),
      "must be buckets, each with a folder after it or none, separated by commas, e.g. media,voices/{capsule_id}",
    ),
    null,
    "The buckets where contributors' files are, separated by commas, each with a folder after it or none; " +
      "`{capsule_id}` in it is the capsule's, and `*` every bucket but that of films. Not set: files that anyone may " +
      "have, and private ones with the capsule's id in their path; other private ones hold their job " +
      "([why](docs/fetching.md#which-files-of-the-project)).",
  ),
  mediaHosts: setting(
    "KEEPSAKE_MEDIA_HOSTS",
    hostList(
      /^(\*\.)?[^*]+$/,
      "must be hosts such as media.example.org or *.example.org, with :port where it is another, separated by commas",
    ),
    "",
    "Further hosts that media may be fetched from, separated by commas; `*.example.org` is all below it. The project's " +
      "own host always may ([all rules](docs/fetching.md)).",
  ),
  maxFileBytes: setting(
    "KEEPSAKE_MAX_FILE_BYTES",
    z.coerce.number().int().min(1_000_000),
    "2000000000",
    "A contributor's file that is larger is left out: 2 GB is about five minutes of a phone's 4K video.",
  ),
  maxMediaBytes: setting(
    "KEEPSAKE_MAX_MEDIA_BYTES",
    z.coerce.number().int().min(1_000_000),
    "20000000000",
    "Where a capsule's files are larger together, the largest are left out.",
  ),
  maxPreparedBytes: setting(
    "KEEPSAKE_MAX_PREPARED_BYTES",
    z.coerce.number().int().min(1_000_000),
    null,
    "A capsule whose files are larger together once they are decoded is refused; by default what the sound of the longest " +
      "film takes and 2 GB more, which is 6.1 GB for three hours.",
  ),
  quality: setting("KEEPSAKE_QUALITY", z.enum(qualities), "standard", "`draft`, `standard` or `archive`."),
  size: setting(
    "KEEPSAKE_SIZE",
    z.enum(frameSizes),
    "1920x1080",
    `The film's size, each shape laid out for itself: ${frameSizes.join(", ")}.`,
  ),
  maxFilmBytes: setting(
    "KEEPSAKE_MAX_FILM_BYTES",
    z.coerce.number().int().min(1_000_000),
    null,
    "Films are planned to be no larger, nor larger than the bucket takes: 50000000 suits Supabase's free plan.",
  ),
  maxFilmHours: setting(
    "KEEPSAKE_MAX_FILM_HOURS",
    z.coerce.number().min(0.01).max(24),
    "3",
    "A capsule whose film would be longer is refused, before anything is made ([docs/limits.md](docs/limits.md)); at most 24.",
  ),
  fps: setting(
    "KEEPSAKE_FPS",
    z.coerce
      .number()
      .refine((fps) => [25, 30, 60].includes(fps) && sampleRate % fps === 0, "must be 25, 30 or 60"),
    "30",
    "Frames a second: 25, 30 or 60.",
  ),
  theme: setting(
    "KEEPSAKE_THEME",
    z.string().min(1).max(4096),
    classic.name,
    `The film's look: ${Object.keys(builtInThemes)
      .map((name) => `\`${name}\``)
      .join(
        ", ",
      )}, or the path of a JSON file ([docs/themes.md](docs/themes.md)). A capsule's column \`theme\` goes before it.`,
  ),
  language: setting(
    "KEEPSAKE_LANGUAGE",
    z.enum(languages),
    "en",
    `Of the few words that the film says itself: ${languages.join(", ")}.`,
  ),
  honoree: setting(
    "KEEPSAKE_HONOREE",
    z.string().trim().min(1).max(200),
    null,
    "Who a film is for when the capsule's row has no title or name.",
  ),
  music: setting(
    "KEEPSAKE_MUSIC",
    z.string().min(1),
    null,
    "Music under the films: the path of a sound file, `ambient` for a soft bed of slow chords, or `none`.",
  ),
  whisperModel: setting(
    "KEEPSAKE_WHISPER_MODEL",
    z.string().min(1),
    null,
    "A whisper model in ggml's format, e.g. `ggml-base.bin`: captions for speech that nobody wrote down.",
  ),
  speechLanguage: setting(
    "KEEPSAKE_SPEECH_LANGUAGE",
    z.enum(spokenLanguages, "must be auto or the two letters of a language, e.g. en"),
    "auto",
    "What people speak and write, e.g. `en`: for captions; `auto` finds it for each recording.",
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
    "How long a job stays reserved for a worker that stopped sending heartbeats.",
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
  stallSeconds: setting(
    "KEEPSAKE_STALL_SECONDS",
    seconds(10, 604_800),
    "3600",
    "A film that gets no further for so long is stopped and the attempt fails; each of its steps has a limit of its own.",
  ),
  minDiskBytes: setting(
    "KEEPSAKE_MIN_DISK_BYTES",
    z.coerce.number().int().min(0),
    "2000000000",
    "No job is taken while the disk of the work folder has less free, the cache's share already given up.",
  ),
  minMemoryBytes: setting(
    "KEEPSAKE_MIN_MEMORY_BYTES",
    z.coerce.number().int().min(0),
    "600000000",
    "No job is taken while the machine, or its container, has less memory free.",
  ),
  workFolder: setting(
    "KEEPSAKE_WORK_FOLDER",
    z.string().min(1),
    null,
    "Where films are made; by default a folder `keepsake` in the system's folder for temporary files.",
  ),
  cacheFolder: setting(
    "KEEPSAKE_CACHE_FOLDER",
    z.string().min(1),
    null,
    "Where segments and facts of files are kept for the next film; by default `cache` in the work folder. " +
      "It holds people's pictures and may be removed at any time.",
  ),
  cacheBytes: setting(
    "KEEPSAKE_CACHE_BYTES",
    z.coerce.number().int().min(0),
    "10000000000",
    "What the cache may hold, and never more than half of what the disk has for it; `0` turns it off.",
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
    "This worker's name in the attempts it makes; by default host name and process id.",
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
    "How often closed capsules that have no job are looked for and enqueued, by one of the workers; `0`: never.",
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
    "After how long the sweep deletes attempts, operations and PGMQ's archived jobs, and, counted from when it first finds a " +
      "capsule gone, its film, poster and captions in the storage, its dead letters and all other records; `0`: never. " +
      "`keepsake forget` does it at once.",
  ),
  operator: setting(
    "KEEPSAKE_OPERATOR",
    z.string().max(100),
    null,
    "Who is said to have cancelled, retried, paused, …; by default the name of the system's user.",
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
    "Where no terminal shows it: how often `render` and `demo` print how far the film is; a worker logs it half as often.",
  ),
} as const;

/** A host, with a port or without, and nothing else of an address. */
function isHost(text: string): boolean {
  return /^[^\s/?#@\\]+$/.test(text) && URL.canParse(`http://${text}`);
}

function toHost(text: string): string {
  const { hostname } = new URL(`http://${text}`);
  return hostname + (/:\d+$/.exec(text)?.[0] ?? "");
}

/** `*`, or a bucket and folders in it. */
function isPlace(place: string): boolean {
  const segments = place.split("/");
  return (
    place === "*" ||
    segments.every((segment) => !["", ".", "..", "*"].includes(segment) && !/[\p{Cc}\\]/u.test(segment))
  );
}
