import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

import { isNoFile } from "../../dist/files/is-missing.js";
import { KeepsakeError } from "../../dist/errors.js";

export const expectations = ["render", "reject", "either"] as const;

/** Expected outcome of a file: it is shown or played, it is rejected with a reason, or either. */
export type Expectation = (typeof expectations)[number];

export interface CorpusFile {
  /** Path relative to the corpus. */
  readonly file: string;
  /** Null where there is no manifest. */
  readonly expected: Expectation | null;
}

const manifestName = "MANIFEST.tsv";

/**
 * Lists the files of a corpus: those in the column `path` of its `MANIFEST.tsv`, with their column `expected`, or every
 * file below the folder where it has no manifest.
 *
 * @throws KeepsakeError `usage` for a folder that does not exist or has no files, and for an invalid manifest
 */
export async function listCorpus(folder: string): Promise<readonly CorpusFile[]> {
  const manifest = await readFile(path.join(folder, manifestName), "utf8").catch(nullIfMissing);
  const files = manifest === null ? await listAll(folder) : readManifest(manifest);
  if (files.length === 0) throw unusable(`${folder} has no files.`);
  return files;
}

/** Lists only regular files, sorted by their relative paths. */
async function listAll(folder: string): Promise<CorpusFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(nullIfMissing);
  if (entries === null) throw unusable(`There is no folder ${folder}.`);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort()
    .map((file) => ({ file, expected: null }));
}

function readManifest(text: string): CorpusFile[] {
  const [header = "", ...lines] = text.trimEnd().split(/\r?\n/);
  const columns = header.split("\t");
  const [pathColumn, expectedColumn] = [columns.indexOf("path"), columns.indexOf("expected")];
  if (pathColumn === -1 || expectedColumn === -1) {
    throw unusable(
      `${manifestName} needs the columns path and expected in its first line, separated by tabs.`,
    );
  }
  return lines.map((line, index) => {
    const cells = line.split("\t");
    const file = cells[pathColumn] ?? "";
    const expected = expectations.find((known) => known === cells[expectedColumn]);
    if (file === "" || expected === undefined) {
      throw unusable(
        `Line ${index + 2} of ${manifestName} needs a path and one of ${expectations.join(", ")}.`,
      );
    }
    return { file, expected };
  });
}

function unusable(message: string): KeepsakeError {
  return new KeepsakeError("usage", message);
}

function nullIfMissing(error: unknown): null {
  if (isNoFile(error)) return null;
  throw error;
}
