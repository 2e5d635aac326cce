import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";

import { KeepsakeError } from "../errors.js";

const tarBlockBytes = 512;

/**
 * Reads the files of the extension PGMQ from the npm package `@electric-sql/pglite-pgmq`, by their names: its control file, the
 * newest version's script, and the scripts of all updates up to it.
 *
 * @throws KeepsakeError `development-package-missing`
 */
export async function readPgmqFiles(): Promise<ReadonlyMap<string, string>> {
  try {
    const packed = await readFile(new URL("pgmq.tar.gz", import.meta.resolve("@electric-sql/pglite-pgmq")));
    const files = new Map<string, string>();
    for (const { name, content } of readTar(gunzipSync(packed)))
      files.set(name.slice(name.lastIndexOf("/") + 1), content.toString("utf8"));
    return files;
  } catch (error) {
    throw new KeepsakeError(
      "development-package-missing",
      "The npm package `@electric-sql/pglite-pgmq`, which contains PGMQ's SQL, is not installed: run `npm install` without `--omit=dev`.",
      { cause: error },
    );
  }
}

/** Yields the files of a ustar archive: a header block (name at 0, octal size at 124, prefix at 345), then whole blocks of content. */
function* readTar(archive: Buffer): Generator<{ name: string; content: Buffer }> {
  const text = (from: number, length: number): string =>
    archive
      .toString("latin1", from, from + length)
      .split("\0", 1)[0]
      ?.trim() ?? "";
  for (let at = 0; at + tarBlockBytes <= archive.length && archive[at] !== 0;) {
    const sizeBytes = Number.parseInt(text(at + 124, 12), 8);
    const start = at + tarBlockBytes;
    const prefix = text(at + 257, 5) === "ustar" ? text(at + 345, 155) : "";
    yield {
      name: `${prefix}/${text(at, 100)}`,
      content: archive.subarray(start, start + sizeBytes),
    };
    at = start + Math.ceil(sizeBytes / tarBlockBytes) * tarBlockBytes;
  }
}
