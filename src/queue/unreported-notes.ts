import { createHash } from "node:crypto";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { isUuid } from "../capsule/is-uuid.js";
import { makeOwnFolder } from "../files/make-folder.js";

/**
 * Remembers on disk which attempts of this machine were ended by an outage of the database that the worker did not see
 * the end of, because it was told to stop. The next worker on this machine reports them. A note that is lost costs a
 * job one of its three crashes, so trouble with the disk stops nothing.
 */
export interface UnreportedNotes {
  readonly keep: (claimId: string) => Promise<void>;
  /** The claim ids that are noted. */
  readonly list: () => Promise<readonly string[]>;
  readonly forget: (claimId: string) => Promise<void>;
}

/** An attempt may be deleted from the database after a week. */
const maxAgeDays = 7;
/** More are not reported before the first claim. */
const maxNotes = 200;

/**
 * @param root made when there is something to keep
 * @param place whatever tells one database from another
 */
export function createUnreportedNotes(root: string, place: string): UnreportedNotes {
  const folder = path.join(root, createHash("sha256").update(place).digest("hex").slice(0, 16));
  return {
    keep: async (claimId) => {
      try {
        await makeOwnFolder(root);
        await makeOwnFolder(folder);
        await writeFile(path.join(folder, claimId), "", { mode: 0o600 });
      } catch {
        // The worker is about to end, and the job is made again all the same.
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
    forget: async (claimId) => {
      await rm(path.join(folder, claimId), { force: true }).catch(() => undefined);
    },
  };
}
