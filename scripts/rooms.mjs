// The table of allowed imports. It is the source of .oxlintrc.rooms.json, a part of the linter's settings.
//
//   npm run rooms                     writes that file
//   node scripts/rooms.mjs --check    reports whether it is current, and imports that the table does not allow
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const lintFile = path.join(root, ".oxlintrc.rooms.json");

/**
 * The rooms of src/, from the lowest floor to the highest. A file imports from its own room and from lower ones. `for` names
 * the rooms that may import a room, where not all above may; "film" stands for the rooms in film/ too. `parts` are files of
 * a room that `partsFor` may import besides.
 */
const rooms = [
  { room: "." },
  { room: "async" },
  { room: "files" },
  { room: "colour" },
  { room: "kernel", for: ["faces", "film"] },
  { room: "mp4", for: ["assets", "film", "media"] },
  { room: "http" },
  { room: "process" },
  { room: "cache" },
  {
    room: "media",
    for: ["media", "speech", "assets", "film"],
    parts: ["asset"],
    partsFor: ["worker"],
  },
  { room: "media/film-files", for: ["media", "film", "demo"] },
  { room: "media/pictures", for: ["media", "faces", "assets", "film"] },
  {
    room: "media/sound",
    for: ["media", "speech", "assets", "film"],
    parts: ["sound-format"],
    partsFor: ["demo", "settings", "commands"],
  },
  { room: "media/streams", for: ["assets"] },
  { room: "faces", for: ["assets"] },
  { room: "embedded", for: ["demo", "commands"] },
  {
    room: "database",
    for: ["demo", "worker", "commands"],
    parts: ["database", "json-values"],
    partsFor: ["capsule", "queue", "operator"],
  },
  { room: "demo", for: ["commands"] },
  { room: "capsule" },
  { room: "assets/sniff", for: ["assets"] },
  { room: "assets/stills", for: ["assets"] },
  { room: "assets/clips", for: ["assets"] },
  { room: "assets/fetch", for: ["assets", "worker"] },
  { room: "assets/focus", for: ["assets"] },
  { room: "assets", for: ["worker", "commands"] },
  { room: "speech", for: ["film", "settings", "worker", "commands"] },
  { room: "film/model", for: ["film", "settings", "worker", "commands"] },
  { room: "film/typography", for: ["film"] },
  { room: "film/scenes", for: ["film"] },
  { room: "film/captions", for: ["film"] },
  { room: "film/plan", for: ["film", "worker"] },
  { room: "film/theme", for: ["settings", "worker"] },
  { room: "film/paint", for: ["film"] },
  { room: "film/sizing", for: ["film"] },
  { room: "film/sound", for: ["film", "worker"] },
  { room: "film/inspection", for: ["film"] },
  { room: "film/segments", for: ["film"] },
  { room: "film/join", for: ["film"] },
  { room: "film/poster", for: ["film"] },
  { room: "film", for: ["worker"] },
  { room: "settings", for: ["worker", "commands"] },
  { room: "storage", for: ["worker", "commands"] },
  { room: "queue", for: ["operator", "worker", "commands"] },
  { room: "operator", for: ["commands"] },
  { room: "worker", for: ["commands"] },
  { room: "commands", for: ["cli.ts"] },
  { room: "cli.ts" },
];

/** Packages, and modules of Node, that only some rooms may import. */
const packages = [
  { names: ["postgres", "pg", "pg-pool"], for: ["database"], why: "Only database/ speaks to PostgreSQL." },
  { names: ["node-av"], for: ["media"], why: "Only media/ speaks to FFmpeg." },
  {
    names: ["node:child_process", "child_process", "node:cluster", "node:worker_threads"],
    for: ["process"],
    why: "Only process/ starts processes.",
  },
  { names: ["koffi"], for: ["process"], why: "Only process/ calls the operating system." },
  { names: ["@napi-rs/canvas"], for: ["film"], why: "Only film/ draws." },
  {
    names: ["sharp"],
    for: ["assets", "faces", "film", "demo", "tools"],
    why: "Only children of assets/, faces/, film/, demo/ and tools/ decode pictures.",
  },
  {
    names: ["undici"],
    for: ["assets", "database", "storage"],
    why: "Only assets/, database/ and storage/ speak HTTP.",
  },
  { names: ["citty"], for: ["commands", "cli.ts", "tools"], why: "Only commands read arguments." },
  { names: ["pino", "pino-pretty"], for: ["."], why: "Only log.ts writes logs." },
];

/** Whether a room is one of those named, or is inside one of them. */
function isAmong(room, named) {
  return named.some((one) => room === one || room.startsWith(`${one}/`));
}

/** @returns why a file of one room may not import a file of another one (its name without ending), or null */
function whyNot(from, to, name) {
  if (from === to) return null;
  const order = rooms.map(({ room }) => room);
  if (order.indexOf(to) > order.indexOf(from)) return `${to} is on a higher floor than ${from}`;
  const entry = rooms[order.indexOf(to)];
  if (entry.for === undefined || isAmong(from, entry.for)) return null;
  if (entry.parts?.includes(name) && isAmong(from, entry.partsFor)) return null;
  return `${from} is not among the rooms that may import ${to}`;
}

const hasRooms = (room) => rooms.some((other) => other.room.startsWith(`${room}/`));

/** Returns the regular expression that matches an import of a room in a file of another room. */
function importOf(to, from) {
  if (to === "cli.ts") return "cli\\.js$";
  const [target, own] = [to.split("/"), from.split("/")];
  if (hasRooms(to) && own[0] === to) {
    // The path of a file beside the rooms of its own folder looks like that of a file in src/, so it is matched by name.
    const names = readdirSync(path.join(root, "src", to)).filter((name) => name.endsWith(".ts"));
    return `(?:${names.map((name) => name.replace(/\.ts$/, "")).join("|")})\\.js$`;
  }
  const rest = target[0] === own[0] ? `(?:${target[0]}/)?${target.slice(1).join("/")}` : to;
  return hasRooms(to) ? `${rest}/[^/]+$` : `${rest}/`;
}

function writeRules(from) {
  const forbidden = rooms.filter(({ room }) => whyNot(from, room, null) !== null);
  const withParts = forbidden.filter(({ room, parts = [] }) =>
    parts.some((name) => whyNot(from, room, name) === null),
  );
  const whole = forbidden
    .filter((entry) => !withParts.includes(entry))
    .map(({ room }) => importOf(room, from));
  return [
    ...(whole.length === 0 || from === "tools"
      ? []
      : [
          {
            regex: `^\\.\\.?/(?:\\.\\./)*(?:${whole.join("|")})`,
            message: `${from} may not import this room: see scripts/rooms.mjs.`,
          },
        ]),
    ...withParts.map(({ room, parts }) => ({
      group: [`**/${room}/*`, ...parts.map((name) => `!**/${room}/${name}.js`)],
      message: `${from} may import only ${parts.join(" and ")} of ${room}/: see scripts/rooms.mjs.`,
    })),
    ...packages
      .filter((entry) => !isAmong(from, entry.for))
      .map(({ names, why }) => ({ group: names.flatMap((name) => [name, `${name}/*`]), message: why })),
  ];
}

/** Returns the linter's rules about imports, one override for each room. */
function writeLint() {
  const filesOf = (room) => {
    if (room === "tools") return "tools/**";
    if (room === "cli.ts") return "src/cli.ts";
    return hasRooms(room) || room === "." ? path.posix.join("src", room, "*.ts") : `src/${room}/**`;
  };
  // Each pattern has a line of its own, so that a change of the table is readable in a diff.
  const overrides = [...rooms.map(({ room }) => room), "tools"].map((room) => {
    const patterns = writeRules(room).map((pattern) => `      ${JSON.stringify(pattern)}`);
    return `    { "files": ["${filesOf(room)}"], "rules": { "no-restricted-imports": ["error", { "patterns": [\n${patterns.join(",\n")}\n    ] }] } }`;
  });
  return `{\n  "plugins": [],\n  "overrides": [\n${overrides.join(",\n")}\n  ]\n}\n`;
}

/** Returns the room of a file, by its path in src/; null where the table lacks it. */
function findRoom(file) {
  const [first, second] = file.split("/");
  const found = [file, `${first}/${second}`, file.includes("/") ? first : "."].find((name) =>
    rooms.some(({ room }) => room === name),
  );
  return found === undefined || (file.split("/").length > 2 && hasRooms(found)) ? null : found;
}

const folder = path.join(root, "src");
const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
  (file) => /\.c?ts$/.test(file) && !file.includes("assembly/"),
);

/** Lists every import in src/ that the table does not allow, of types and children (`new URL("./x-child.js", …)`) too. */
function findForbiddenImports() {
  return sources.flatMap((file) => {
    const text = readFileSync(path.join(folder, file), "utf8");
    return [...text.matchAll(/(?:from|import|import\(|URL\()\s*"(\.\.?\/[^"]+)\.c?js"/g)].flatMap(
      ([, to]) => {
        const target = path.posix.join(path.posix.dirname(file), to);
        const [own, other] = [findRoom(file), findRoom(`${target}.ts`)];
        const reason =
          own === null || other === null ? null : whyNot(own, other, path.posix.basename(target));
        return reason === null ? [] : [`src/${file} imports ${target}: ${reason}.`];
      },
    );
  });
}

/** @returns a sentence for each fault */
function check() {
  const folders = new Set(
    sources.filter((file) => findRoom(file) === null).map((file) => path.posix.dirname(file)),
  );
  const unused = rooms.filter(({ room }) => !sources.some((file) => findRoom(file) === room));
  return [
    ...[...folders].map((one) => `src/${one}/ is not in the table of scripts/rooms.mjs.`),
    ...unused.map(({ room }) => `There is no src/${room}, which the table of scripts/rooms.mjs names.`),
    ...findForbiddenImports(),
    ...(existsSync(lintFile) && readFileSync(lintFile, "utf8") === writeLint()
      ? []
      : [".oxlintrc.rooms.json is out of date: run npm run rooms."]),
  ];
}

if (process.argv.includes("--check")) {
  const wrong = check();
  if (wrong.length > 0) process.exitCode = 1;
  for (const sentence of wrong) process.stderr.write(`${sentence}\n`);
} else writeFileSync(lintFile, writeLint());
