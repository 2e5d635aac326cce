import { copyFile, link, rm } from "node:fs/promises";
import path from "node:path";

import { isMissing } from "../files/is-missing.js";
import { hashFile } from "../files/hash-file.js";
import { writeManifest, type CachedFile } from "./entry-manifest.js";

/**
 * Puts files and their manifest into the folder of an entry that nobody sees yet.
 * @returns bytes of the entry
 */
export async function fillEntry(
  entry: string,
  { value, files }: { readonly value: unknown; readonly files: Readonly<Record<string, string>> },
): Promise<number> {
  const kept: Record<string, CachedFile> = {};
  for (const [name, file] of Object.entries(files)) {
    const place = path.join(entry, name);
    await linkOrCopy(file, place);
    const { sizeBytes, sha256 } = await hashFile(place);
    kept[name] = { sizeBytes, sha256 };
  }
  return await writeManifest(entry, { value, files: kept });
}

/**
 * Puts a file of an entry where it is wanted.
 * @returns false when the file is not there any more, or not what it was
 */
export async function placeFile(kept: string, place: string, expected: CachedFile): Promise<boolean> {
  await rm(place, { force: true });
  try {
    await linkOrCopy(kept, place);
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
    // Another filesystem, one without hard links, or one file with too many.
    const { code } = error as NodeJS.ErrnoException;
    if (!["EXDEV", "EPERM", "EMLINK", "ENOTSUP", "EOPNOTSUPP"].includes(code ?? "")) throw error;
    await copyFile(from, to);
  }
}
