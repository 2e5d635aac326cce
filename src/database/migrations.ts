import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";

/** One numbered file of `sql/`. Never edited once released. */
export interface Migration {
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

/** In their order. */
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
