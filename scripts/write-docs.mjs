// Writes docs/settings.md and the settings of the README from src/settings/setting-table.ts (built).
//
//   npm run docs                           writes both
//   node scripts/write-docs.mjs --check    reports whether both are current
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { settingTable } from "../dist/settings/setting-table.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const begin = "<!-- settings: written by `npm run docs`, checked by a test -->";
const end = "<!-- /settings -->";

/** Settings that the README lists, because most people set them. */
const common = [
  "DATABASE_URL",
  "SUPABASE_URL",
  "SUPABASE_SERVICE_ROLE_KEY",
  "KEEPSAKE_MEDIA_BUCKETS",
  "KEEPSAKE_MAX_FILM_BYTES",
  "KEEPSAKE_LANGUAGE",
  "KEEPSAKE_THEME",
  "KEEPSAKE_MUSIC",
];

/** The parts of docs/settings.md: their purpose, and their settings without `KEEPSAKE_`. */
const groups = [
  {
    title: "Connection",
    text: "Everyone needs the first three. The two secrets can come from files instead.",
    names: [
      ...["DATABASE_URL", "SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY"],
      ...["DATABASE_URL_FILE", "SUPABASE_SERVICE_ROLE_KEY_FILE"],
    ],
  },
  {
    title: "Appearance and sound of films",
    text: "These settings decide how films look and sound.",
    names: [
      ...["THEME", "LANGUAGE", "HONOREE", "MUSIC", "SIZE", "FPS", "QUALITY"],
      ...["WHISPER_MODEL", "SPEECH_LANGUAGE", "STRICT"],
    ],
  },
  {
    title: "Media sources and film storage",
    text: "Set these for private buckets, for additional hosts, or for a local folder instead of Supabase Storage.",
    names: ["BUCKET", "MEDIA_BUCKETS", "MEDIA_HOSTS", "PROJECT_HOSTS", "STORAGE_FOLDER"],
  },
  {
    title: "Limits",
    text: "Set these if your plan or disk is smaller than the defaults assume, or if your capsules are larger.",
    names: [
      ...["MAX_FILM_BYTES", "MAX_FILM_HOURS", "MAX_FILE_BYTES", "MAX_MEDIA_BYTES", "MAX_PREPARED_BYTES"],
      ...["FILM_TIMEOUT_SECONDS", "STALL_SECONDS", "MIN_DISK_BYTES", "MIN_MEMORY_BYTES"],
    ],
  },
  {
    title: "Machines",
    text: "These settings decide how many films a worker makes at a time, in which folders, and how long a stop may take.",
    names: [
      ...["SLOTS", "CORES", "WORK_FOLDER", "CACHE_FOLDER", "CACHE_BYTES", "DRAIN_SECONDS"],
      ...["LEASE_SECONDS", "HEARTBEAT_SECONDS"],
    ],
  },
  {
    title: "Operating",
    text: "These settings are about names, logs, sweeps, and how long records are stored.",
    names: ["WORKER_NAME", "OPERATOR", "LOG", "PROGRESS_SECONDS", "SWEEP_SECONDS", "KEEP_DAYS"],
  },
];

const settings = new Map(Object.values(settingTable).map((setting) => [setting.env, setting]));

/** @param links prefix of links to files in docs/ */
function formatTable(names, links) {
  const rows = names.map((name) => {
    const { env, fallback, meaning } = settings.get(name);
    const value = fallback === null || fallback === "" ? "" : `\`${fallback}\``;
    return [`\`${env}\``, value, meaning.replaceAll("|", "\\|").replaceAll("docs/", links)];
  });
  const table = [["setting", "default", "meaning"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(table[0]), rule, ...rows.map(line)].join("\n");
}

function writeReadme(text) {
  const [before, after] = [text.slice(0, text.indexOf(begin) + begin.length), text.slice(text.indexOf(end))];
  return `${before}\n\n${formatTable(common, "docs/")}\n\n${after}`;
}

function writeSettings() {
  const grouped = groups.map(({ title, text, names }) => ({
    ...{ title, text },
    names: names.map((name) => (settings.has(name) ? name : `KEEPSAKE_${name}`)),
  }));
  const listed = grouped.flatMap(({ names }) => names);
  const wrong = [
    ...listed.filter((name) => !settings.has(name) || listed.indexOf(name) !== listed.lastIndexOf(name)),
    ...[...settings.keys()].filter((name) => !listed.includes(name)),
  ];
  if (wrong.length > 0) throw new Error(`scripts/write-docs.mjs must list these once: ${wrong.join(", ")}.`);
  const parts = grouped.map(
    ({ title, text, names }) => `## ${title}\n\n${text}\n\n${formatTable(names, "")}\n`,
  );
  return `# Settings

<!-- written by \`npm run docs\`, checked by a test -->

All settings are environment variables. They are checked at start, and all mistakes are reported at once.
\`keepsake doctor --settings\` prints the values in use and their sources.

${parts.join("\n")}`;
}

const readme = `${root}README.md`;
const page = `${root}docs/settings.md`;
const written = [
  [readme, writeReadme(readFileSync(readme, "utf8"))],
  [page, writeSettings()],
];
for (const [file, text] of written) {
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    console.error(`The settings in ${file.slice(root.length)} are out of date: run npm run docs.`);
    process.exitCode = 1;
  }
}
