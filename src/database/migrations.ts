import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";

/** A numbered file of `sql/`. It is never edited after its release. */
export interface Migration {
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

/** Reads all migrations, in the order in which they are applied. */
export async function readMigrations(): Promise<readonly Migration[]> {
  const folder = new URL("../sql/", import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return await Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), "utf8");
      return { name, text, sha256: createHash("sha256").update(text).digest("hex") };
    }),
  );
}
