import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { isMissing } from "../files/is-missing.js";

const ownCode = fileURLToPath(new URL("..", import.meta.url));

/**
 * Hash of all code that determines a result: our own built code, the versions of the packages it uses, and the version of
 * Node, because Node's ICU breaks lines and its engine computes sines. So results of older code are never found in the cache.
 *
 * @param built folder of built code; the package's `package.json` is next to it
 */
export async function hashCode(built = ownCode): Promise<string> {
  const hash = createHash("sha256").update(`${process.version} ${process.platform} ${process.arch}\n`);
  const files = (await readdir(built, { recursive: true })).filter((file) => /\.(js|wasm|bin)$/.test(file));
  for (const file of files.toSorted()) hash.update(file).update(await readFile(path.join(built, file)));
  const { dependencies } = await readPackage(path.join(built, "..", "package.json"));
  for (const name of Object.keys(dependencies ?? {}).toSorted())
    hash.update(`${name} ${await versionOf(name, built)}\n`);
  return hash.digest("hex");
}

/** Version of the package that Node would load: the one in the nearest `node_modules` above. */
async function versionOf(name: string, from: string): Promise<string> {
  const folders = createRequire(path.join(from, "index.js")).resolve.paths(name) ?? [];
  for (const folder of folders) {
    const { version } = await readPackage(path.join(folder, name, "package.json"));
    if (version !== undefined) return version;
  }
  return "missing";
}

interface Package {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

async function readPackage(file: string): Promise<Package> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Package;
  } catch (error) {
    if (isMissing(error)) return {};
    throw error;
  }
}
