// Prepares a checkout: installs the packages of package-lock.json and builds dist/, each only where something is missing or
// has changed. Prints to standard error, and nothing when there is nothing to do. A second setup waits for the first one.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const lock = path.join(root, ".setup-lock");
const stamp = path.join(root, "dist/.build-stamp");
const oldestNode = [20, 19];
const lockTimeoutMinutes = 20;

main().catch((error) => {
  print(error.message);
  process.exitCode = 2;
});

async function main() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    fail(
      `Keepsake needs Node ${oldestNode.join(".")} or newer; this is ${process.versions.node}. See https://nodejs.org`,
    );
  }
  if (isInstalled() && isBuilt()) return;
  await acquireLock();
  try {
    // This is checked again, because another setup may have done it while this one waited.
    if (!isInstalled()) install();
    if (!isBuilt()) build();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** Whether node_modules holds what package-lock.json names; packages for other systems may be missing. */
function isInstalled() {
  const wanted = readPackages("package-lock.json");
  const found = readPackages("node_modules/.package-lock.json");
  if (found === null) return false;
  return Object.entries(wanted).every(([place, { version, integrity, optional, devOptional }]) => {
    const installed = found[place];
    if (installed === undefined) return place === "" || optional === true || devOptional === true;
    return installed.version === version && installed.integrity === integrity;
  });
}

function readPackages(file) {
  const full = path.join(root, file);
  return existsSync(full) ? JSON.parse(readFileSync(full, "utf8")).packages : null;
}

function install() {
  print("installing packages (npm ci)");
  // Install scripts are not run, as in .npmrc: node-av's would only download a command-line FFmpeg that nothing here uses.
  const args = ["ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund"];
  const npm = process.env.npm_execpath ?? "";
  const result = /npm-cli\.c?js$/.test(npm)
    ? run(process.execPath, [npm, ...args])
    : run("npm", args, { shell: process.platform === "win32" });
  if (result.error !== undefined) fail(`npm could not be started: ${result.error.message}`);
  if (result.status !== 0) fail("npm ci failed; its output is above.");
}

function isBuilt() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === hashSources();
}

function build() {
  print("building dist/ and dist-tools/");
  const hash = hashSources();
  const result = run(process.execPath, ["scripts/build.mjs", "--clean"]);
  if (result.status !== 0) fail("The build failed; the compiler's output is above.");
  writeFileSync(stamp, hash);
}

/** Hashes everything that dist/ and dist-tools/ depend on: sources, SQL, build scripts, and versions of the compilers. */
function hashSources() {
  const hash = createHash("sha256");
  for (const file of [
    "src",
    "sql",
    "tools",
    "scripts/build.mjs",
    "tsconfig.json",
    "package-lock.json",
  ].flatMap(listFiles)) {
    const content = readFileSync(path.join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/** Lists every file under a path, in an order that does not depend on the file system. */
function listFiles(place) {
  const full = path.join(root, place);
  if (!statSync(full).isDirectory()) return [place];
  return readdirSync(full)
    .toSorted()
    .flatMap((name) => listFiles(`${place}/${name}`));
}

function run(program, args, options = {}) {
  return spawnSync(program, args, {
    cwd: root,
    stdio: ["ignore", process.stderr, process.stderr],
    ...options,
  });
}

/** Creates the lock: a folder with this process's id, put in place by one rename, which fails while another one exists. */
async function acquireLock() {
  const ownFolder = mkdtempSync(`${lock}-`);
  writeFileSync(path.join(ownFolder, "pid"), String(process.pid));
  const deadline = Date.now() + lockTimeoutMinutes * 60_000;
  for (let waited = false; ; waited = true) {
    try {
      renameSync(ownFolder, lock);
      return;
    } catch (error) {
      if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes(error.code)) throw error;
    }
    if (!clearStaleLock()) {
      if (!waited) print("waiting for another setup of this folder");
      if (Date.now() > deadline) {
        rmSync(ownFolder, { recursive: true, force: true });
        fail(`Another setup has held ${lock} for too long; if none is running, remove that folder.`);
      }
      await sleep(250);
    }
  }
}

/** Removes the lock of a process that has died. */
function clearStaleLock() {
  const holder = readHolder(lock);
  if (holder === null || isAlive(holder)) return false;
  const staleLock = `${lock}-stale-${process.pid}`;
  try {
    renameSync(lock, staleLock);
    // Another setup may have acquired the lock in the meantime: then it is put back.
    if (readHolder(staleLock) !== holder) {
      renameSync(staleLock, lock);
      return false;
    }
  } catch (error) {
    if (error.code === "ENOENT") return true;
    throw error;
  }
  rmSync(staleLock, { recursive: true, force: true });
  return true;
}

function readHolder(folder) {
  try {
    return Number(readFileSync(path.join(folder, "pid"), "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== "ESRCH";
  }
}

function print(text) {
  process.stderr.write(`keepsake: ${text}\n`);
}

/** @returns {never} */
function fail(text) {
  throw new Error(text);
}
