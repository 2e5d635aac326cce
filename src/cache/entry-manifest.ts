import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { isMissing } from "../files/is-missing.js";

/** A file of an entry as it was when it was stored. */
export interface CachedFile {
  readonly sizeBytes: number;
  readonly sha256: string;
}

interface Manifest<Value> {
  readonly value: Value;
  readonly files: Readonly<Record<string, CachedFile>>;
}

const fileName = "manifest";

/**
 * Writes the list of an entry's content: the sha256 of the rest, a line break, JSON.
 *
 * @returns bytes of the manifest and the files it names
 */
export async function writeManifest(entry: string, manifest: Manifest<unknown>): Promise<number> {
  const json = JSON.stringify(manifest);
  const text = `${digestOf(json)}\n${json}`;
  await writeFile(path.join(entry, fileName), text, { mode: 0o600 });
  return Object.values(manifest.files).reduce((sum, { sizeBytes }) => sum + sizeBytes, text.length);
}

/** @returns null when the manifest is damaged or missing */
export async function readManifest<Value>(entry: string): Promise<Manifest<Value> | null> {
  const text = await readFile(path.join(entry, fileName), "utf8").catch((error: unknown) => {
    if (isMissing(error)) return "";
    throw error;
  });
  const [digest] = text.split("\n", 1);
  const json = text.slice((digest?.length ?? 0) + 1);
  return digest === digestOf(json) ? (JSON.parse(json) as Manifest<Value>) : null;
}

function digestOf(json: string): string {
  return createHash("sha256").update(json).digest("hex");
}
