import { copyFile, link, rm } from "node:fs/promises";
import path from "node:path";

import { isMissing } from "../files/is-missing.js";
import { hashFile } from "../files/hash-file.js";
import { writeManifest, type CachedFile } from "./entry-manifest.js";

/**
 * Puts files and their manifest into the folder of an entry that is not visible yet.
 *
 * @returns bytes of the entry
 */
export async function fillEntry(
  entry: string,
  { value, files }: { readonly value: unknown; readonly files: Readonly<Record<string, string>> },
): Promise<number> {
  const cached: Record<string, CachedFile> = {};
  for (const [name, file] of Object.entries(files)) {
    const place = path.join(entry, name);
    await linkOrCopy(file, place);
    const { sizeBytes, sha256 } = await hashFile(place);
    cached[name] = { sizeBytes, sha256 };
  }
  return await writeManifest(entry, { value, files: cached });
}

/**
 * Links or copies a file of an entry to `place`.
 *
 * @returns false when the file is missing, or its content has changed since it was stored
 */
export async function placeFile(cached: string, place: string, expected: CachedFile): Promise<boolean> {
  await rm(place, { force: true });
  try {
    await linkOrCopy(cached, place);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  return (await hashFile(place)).sha256 === expected.sha256;
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    // The folders are on two filesystems, or the filesystem has no hard links, or the file has too many.
    const { code } = error as NodeJS.ErrnoException;
    if (!["EXDEV", "EPERM", "EMLINK", "ENOTSUP", "EOPNOTSUPP"].includes(code ?? "")) throw error;
    await copyFile(from, to);
  }
}
