import { existsSync, lstatSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { isBelow } from "./is-below.js";

/** What every child needs to be there, whatever its task: our code, packages, Node, libraries, a little of the system. */
export interface CodePlaces {
  readonly reads: readonly string[];
  readonly runs: readonly string[];
}

const built = fileURLToPath(new URL("..", import.meta.url));

/** Where the loaders of glibc and musl look by themselves. */
const libraryFolders = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"];
const loaderFiles = [
  "/etc/ld.so.cache",
  "/etc/ld.so.preload",
  "/etc/ld-musl-x86_64.path",
  "/etc/ld-musl-aarch64.path",
  // Packages with binaries look into it to know glibc from musl.
  "/usr/bin/ldd",
];
/** What Node, the C library and decoders ask about the machine; none of it says anything of its users. */
const systemPlaces = [
  // Parts of Node, as some systems package it.
  "/usr/share/nodejs",
  "/usr/share/icu",
  "/proc/cpuinfo",
  "/proc/meminfo",
  "/proc/stat",
  "/proc/sys/vm/overcommit_memory",
  "/sys/devices/system/cpu",
  "/sys/devices/system/node",
  "/sys/fs/cgroup",
  "/sys/kernel/mm/transparent_hugepage",
  "/dev/urandom",
  "/etc/localtime",
  "/usr/share/zoneinfo",
];

let found: CodePlaces | undefined;

/** Looked for once: neither code nor libraries move while a process runs. Linux only. */
export function findCodePlaces(): CodePlaces {
  found ??= lookForPlaces();
  return found;
}

function lookForPlaces(): CodePlaces {
  const loaded = findLoadedObjects();
  const node = realpathSync(process.execPath);
  const libraries = loaded.filter((file) => file !== node);
  return {
    reads: [
      ...new Set([
        built,
        path.join(built, "../package.json"),
        node,
        ...findPackageFolders(),
        ...libraryFolders,
        ...(process.env["LD_LIBRARY_PATH"] ?? "").split(/[:;]/).filter((folder) => path.isAbsolute(folder)),
        // By their folders: decoders load others from there. A library that lies elsewhere is allowed alone.
        ...libraries.map((file) => (/\/lib[^/]*\//.test(file) ? path.dirname(file) : file)),
        ...loaderFiles,
        ...systemPlaces,
      ]),
    ],
    runs: [node, ...libraries],
  };
}

/** Files that are mapped into this process with their code: Node, the loader, libraries, binaries of packages. proc(5) */
function findLoadedObjects(): string[] {
  const lines = readFileSync("/proc/self/maps", "utf8").split("\n");
  const files = lines.flatMap((line) => /^\S+ \S*x\S* \S+ \S+ \d+ +(\/.*)$/.exec(line)?.[1] ?? []);
  return [...new Set(files)].filter((file) => existsSync(file));
}

/** Each `node_modules` from which our code may load, and where links lead that lie in them. */
function findPackageFolders(): string[] {
  const there = packageFoldersOf(built);
  const linked = Object.keys(readDependencies()).flatMap((name) => {
    const place = there.map((folder) => path.join(folder, name)).find(isLink);
    if (place === undefined) return [];
    const real = realpathSync(place);
    return [real, ...packageFoldersOf(real)];
  });
  return [...there, ...linked];
}

function isLink(place: string): boolean {
  return lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** In the folder itself and above it; not those that users have for all their programs. */
function packageFoldersOf(folder: string): string[] {
  const paths = createRequire(path.join(folder, "index.js")).resolve.paths("any") ?? [];
  return paths.filter(
    (one) => path.basename(one) === "node_modules" && isBelow(folder, path.dirname(one)) && existsSync(one),
  );
}

function readDependencies(): Readonly<Record<string, string>> {
  const text = readFileSync(path.join(built, "../package.json"), "utf8");
  return (JSON.parse(text) as { readonly dependencies?: Record<string, string> }).dependencies ?? {};
}
