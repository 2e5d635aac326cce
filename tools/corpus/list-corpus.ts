import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

import { isNoFile } from "../../dist/files/is-missing.js";
import { KeepsakeError } from "../../dist/errors.js";

export const expectations = ["render", "reject", "either"] as const;

/** Of a file: to be shown or heard, to be refused with a reason, or one of the two. */
export type Expectation = (typeof expectations)[number];

export interface CorpusFile {
  /** Below the folder. */
  readonly file: string;
  /** Null where nothing is expected of it. */
  readonly expected: Expectation | null;
}

const manifestName = "MANIFEST.tsv";

/**
 * The files of a corpus: those that its `MANIFEST.tsv` names in the column `path`, with what its column `expected` says
 * of each, or without a manifest every file below the folder.
 *
 * @throws KeepsakeError `usage` where there is no such folder, no file in it, or the manifest is not to be understood
 */
export async function listCorpus(folder: string): Promise<readonly CorpusFile[]> {
  const manifest = await readFile(path.join(folder, manifestName), "utf8").catch(nullIfMissing);
  const files = manifest === null ? await listAll(folder) : readManifest(manifest);
  if (files.length === 0) throw unusable(`${folder} has no files.`);
  return files;
}

/** Regular files alone, by their paths below the folder, in order. */
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
    throw unusable(`${manifestName} needs the columns path and expected in its first line, apart by tabs.`);
  }
  return lines.map((line, index) => {
    const cells = line.split("\t");
    const file = cells[pathColumn] ?? "";
    const expected = expectations.find((known) => known === cells[expectedColumn]);
    if (file === "" || expected === undefined) {
      throw unusable(`Line ${index + 2} of ${manifestName} needs a path, and ${expectations.join(", ")}.`);
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
