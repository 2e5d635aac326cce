import { randomUUID } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import path from "node:path";

import { isMissing } from "../files/is-missing.js";

/**
 * Removes an entry. It is first moved out of the folder of entries, so that no other worker finds half of it.
 *
 * @param temporary folder on the same filesystem
 * @returns false when another worker has just removed the entry
 */
export async function removeEntry(entry: string, temporary: string): Promise<boolean> {
  const trash = path.join(temporary, randomUUID());
  try {
    await rename(entry, trash);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  await rm(trash, { recursive: true, force: true });
  return true;
}
