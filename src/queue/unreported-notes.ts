import { createHash } from "node:crypto";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { isUuid } from "../capsule/is-uuid.js";
import { makeOwnFolder } from "../files/make-folder.js";

/**
 * Notes on disk about attempts that could not be reported, because an outage of the database lasted until their worker
 * shut down. The next worker on this machine reports them. If a note is lost, the attempt only counts as one of the three
 * crashes that a job may have, so errors of the disk are ignored.
 */
export interface UnreportedNotes {
  readonly add: (claimId: string) => Promise<void>;
  /** Lists the claim ids of the notes. */
  readonly list: () => Promise<readonly string[]>;
  readonly remove: (claimId: string) => Promise<void>;
}

/** The database may have deleted an attempt after a week. */
const maxAgeDays = 7;
/** Maximum number of notes that a worker reports before its first claim. */
const maxNotes = 200;

/**
 * @param root folder of the notes; created with the first note
 * @param place text that identifies the database
 */
export function createUnreportedNotes(root: string, place: string): UnreportedNotes {
  const folder = path.join(root, createHash("sha256").update(place).digest("hex").slice(0, 16));
  return {
    add: async (claimId) => {
      try {
        await makeOwnFolder(root);
        await makeOwnFolder(folder);
        await writeFile(path.join(folder, claimId), "", { mode: 0o600 });
      } catch {
        // The worker is about to end, and the job is tried again even without the note.
      }
    },
    list: async () => {
      const names = await readdir(folder).catch(() => []);
      const notes: string[] = [];
      for (const name of names.filter(isUuid)) {
        const note = path.join(folder, name);
        const found = await stat(note).catch(() => null);
        if (found === null) continue;
        const isOld = (Date.now() - found.mtimeMs) / 86_400_000 > maxAgeDays;
        if (isOld) await rm(note, { force: true }).catch(() => undefined);
        else if (notes.length < maxNotes) notes.push(name);
      }
      return notes;
    },
    remove: async (claimId) => {
      await rm(path.join(folder, claimId), { force: true }).catch(() => undefined);
    },
  };
}
