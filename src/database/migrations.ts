import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";

/**
 * A file of `sql/`. It is never edited after its release. The files of version 0.2.0 are numbered from 001 to 017, later
 * ones by time (`20261201120000_name.sql`), which sorts after those.
 */
export interface Migration {
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

/** Reads all migrations, in the order in which they are applied. */
export async function readMigrations(
  folder: URL = new URL("../sql/", import.meta.url),
): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return await Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), "utf8");
      return { name, text, sha256: createHash("sha256").update(text).digest("hex") };
    }),
  );
}
