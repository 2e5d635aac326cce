import { existsSync, lstatSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { isBelow } from "./is-below.js";

/** Files that every child needs for any task: our code, packages, Node, libraries, and a few of the system. */
export interface CodePlaces {
  readonly reads: readonly string[];
  readonly runs: readonly string[];
}

const built = fileURLToPath(new URL("..", import.meta.url));

/** Folders in which the loaders of glibc and musl search by default. */
const libraryFolders = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"];
const loaderFiles = [
  "/etc/ld.so.cache",
  "/etc/ld.so.preload",
  "/etc/ld-musl-x86_64.path",
  "/etc/ld-musl-aarch64.path",
  // Packages with binaries read it to distinguish glibc from musl.
  "/usr/bin/ldd",
];
/** Files from which Node, the C library and decoders read about the machine; none contains data of its users. */
const systemPlaces = [
  // Some systems package parts of Node there.
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

/** The places are searched once, because code and libraries do not move while a process runs. Linux only. */
export function findCodePlaces(): CodePlaces {
  found ??= searchPlaces();
  return found;
}

function searchPlaces(): CodePlaces {
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
        // Folders of libraries are allowed whole, because decoders load other libraries from there. Elsewhere only the
        // library itself is allowed.
        ...libraries.map((file) => (/\/lib[^/]*\//.test(file) ? path.dirname(file) : file)),
        ...loaderFiles,
        ...systemPlaces,
      ]),
    ],
    runs: [node, ...libraries],
  };
}

/** Executable files that are mapped into this process: Node, the loader, libraries, binaries of packages. proc(5) */
function findLoadedObjects(): string[] {
  const lines = readFileSync("/proc/self/maps", "utf8").split("\n");
  const files = lines.flatMap((line) => /^\S+ \S*x\S* \S+ \S+ \d+ +(\/.*)$/.exec(line)?.[1] ?? []);
  return [...new Set(files)].filter((file) => existsSync(file));
}

/** Each `node_modules` from which our code may load, and the targets of links in them. */
function findPackageFolders(): string[] {
  const own = packageFoldersOf(built);
  const linked = Object.keys(readDependencies()).flatMap((name) => {
    const place = own.map((folder) => path.join(folder, name)).find(isLink);
    if (place === undefined) return [];
    const real = realpathSync(place);
    return [real, ...packageFoldersOf(real)];
  });
  return [...own, ...linked];
}

function isLink(place: string): boolean {
  return lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** Each `node_modules` in the folder and above it; not the global ones that users have for all their programs. */
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
