// Tries Keepsake on the Node versions that it supports: makes a small film with the demo, and runs the tests of the
// sandbox. Needs the npm registry, which has Node itself as packages; these stay in node_modules/.cache.
//
//   npm run test:nodes                                    both, on the oldest version and the newest of each line
//   npm run test:nodes -- --film 22,24 --sandbox oldest,newest
//   node scripts/test-nodes.mjs --folder 24               runs no test, prints the folder of the newest Node 24's program
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const cacheFolder = path.join(root, "node_modules/.cache/nodes");
const wordsForAll = ["oldest", "lines", "newest"];
const minFilmBytes = 100_000;
const shownOutputCharacters = 4_000;

main();

function main() {
  const { values } = parseArgs({
    options: { film: { type: "string" }, sandbox: { type: "string" }, folder: { type: "string" } },
  });
  // Naming one of the two leaves out the other.
  const everywhere = values.film === undefined && values.sandbox === undefined ? wordsForAll : [];
  const supported = findVersions();
  if (values.folder !== undefined) {
    const [version] = resolve(values.folder, supported);
    process.stdout.write(`${path.dirname(fetchNode(version))}\n`);
    return;
  }
  const film = new Set((values.film?.split(",") ?? everywhere).flatMap((word) => resolve(word, supported)));
  const sandbox = new Set(
    (values.sandbox?.split(",") ?? everywhere).flatMap((word) => resolve(word, supported)),
  );
  const versions = [...new Set([...film, ...sandbox])].toSorted(compareVersions);
  const rows = versions.map((version) => {
    print(`Node ${version}`);
    const node = fetchNode(version);
    return {
      Node: version,
      libuv: run(node, ["-p", "process.versions.uv"]).stdout.trim(),
      "film made": film.has(version) ? outcomeOf(makeFilm(node)) : "not tried",
      "sandbox whole": sandbox.has(version) ? outcomeOf(testSandbox(node)) : "not tried",
    };
  });
  process.stdout.write(`${formatTable(rows)}\n`);
  if (rows.some((row) => Object.values(row).includes("NO"))) process.exitCode = 1;
}

/** Returns all versions of Node in the npm registry that we support, oldest first. */
function findVersions() {
  const { engines } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const oldest = `${engines.node.replace(/^>=/, "")}.0`;
  const answer = npm(["view", "node", "versions", "--json"]);
  if (answer.status !== 0) fail(`The npm registry did not return the versions of Node:\n${answer.stderr}`);
  return JSON.parse(answer.stdout)
    .filter((version) => /^\d+\.\d+\.\d+$/.test(version) && compareVersions(version, oldest) >= 0)
    .toSorted(compareVersions);
}

/** @param word "oldest", "newest", "lines" (the newest of each line with long-term support), a version or its beginning */
function resolve(word, supported) {
  if (word === "oldest") return supported.slice(0, 1);
  if (word === "newest") return supported.slice(-1);
  if (word === "lines") {
    const lines = new Set(
      supported.map((version) => Number(version.split(".")[0])).filter((one) => one % 2 === 0),
    );
    return [...lines].flatMap((line) => resolve(String(line), supported));
  }
  const found = supported.findLast((version) => version === word || version.startsWith(`${word}.`));
  return found === undefined
    ? fail(`${word} is no supported version of Node: see "engines" in package.json.`)
    : [found];
}

/** Installs a version of Node where it is missing. @returns the path of its program */
function fetchNode(version) {
  const folder = path.join(cacheFolder, version);
  const isWindows = process.platform === "win32";
  const system = isWindows ? "win" : process.platform;
  const prefix = system === "darwin" && process.arch === "arm64" ? "node-bin" : "node";
  const name = `${prefix}-${system}-${process.arch}`;
  const program = path.join(folder, "node_modules", name, "bin", isWindows ? "node.exe" : "node");
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    const args = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--force"];
    const { status, stderr } = npm(["install", "--prefix", folder, ...args, `${name}@${version}`]);
    if (status !== 0) fail(`Node ${version} could not be fetched as ${name}:\n${stderr}`);
  }
  const actual = run(program, ["-p", "process.versions.node"]).stdout.trim();
  if (actual !== version) fail(`${program} is Node ${actual}, not ${version}.`);
  return program;
}

/** @returns null, or the output of the failed program */
function makeFilm(node) {
  // An empty folder for temporary files has an empty cache, so that every version makes the whole film.
  const folder = mkdtempSync(path.join(tmpdir(), "keepsake-nodes-"));
  // The embedded PostgreSQL runs as another user where we are root.
  chmodSync(folder, 0o755);
  try {
    const args = [path.join(root, "dist/cli.js"), "demo", "--folder", path.join(folder, "demo"), "--json"];
    const environment = {
      ...process.env,
      TMPDIR: folder,
      KEEPSAKE_SIZE: "360x360",
      KEEPSAKE_QUALITY: "draft",
    };
    const { status, stdout, stderr } = run(node, args, environment);
    if (status !== 0) return `${stdout}\n${stderr}`;
    const { status: state, film } = JSON.parse(stdout.trim().split("\n").at(-1));
    if (state !== "completed") return `The capsule is ${state}.\n${stderr}`;
    return statSync(film).size >= minFilmBytes ? null : `${film} has ${statSync(film).size} bytes.`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns null, or the output of the failed program */
function testSandbox(node) {
  const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
  const projects = ["--project", "unit", "--project", "*integration"];
  const { status, stdout, stderr } = run(node, [
    ...[vitest, "run", ...projects, "test/unit/process", "test/integration/process"],
  ]);
  return status === 0 ? null : `${stdout}\n${stderr}`;
}

function outcomeOf(failure) {
  if (failure === null) return "yes";
  print(failure.slice(-shownOutputCharacters));
  return "NO";
}

function run(program, args, environment = process.env) {
  const result = spawnSync(program, args, {
    cwd: root,
    env: environment,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (result.error !== undefined) fail(`${program} could not be started: ${result.error.message}`);
  return result;
}

function npm(args) {
  const program = process.env.npm_execpath ?? "";
  const isScript = /npm-cli\.c?js$/.test(program);
  return spawnSync(isScript ? process.execPath : "npm", isScript ? [program, ...args] : args, {
    encoding: "utf8",
    shell: !isScript && process.platform === "win32",
    maxBuffer: 2 ** 28,
  });
}

function compareVersions(one, other) {
  const [a, b] = [one, other].map((version) => version.split(".").map(Number));
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

function formatTable(rows) {
  const names = Object.keys(rows[0] ?? {});
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => row[name].length)));
  const line = (cells) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index]))
      .join("  ")
      .trimEnd();
  return [line(names), ...rows.map((row) => line(names.map((name) => row[name])))].join("\n");
}

function print(text) {
  process.stderr.write(`${text}\n`);
}

/** @returns {never} */
function fail(text) {
  print(text);
  process.exit(2);
}
