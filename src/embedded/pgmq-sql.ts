import { KeepsakeError } from "../errors.js";
import { readPgmqFiles } from "./read-pgmq-files.js";

/**
 * Reads the SQL that creates PGMQ's objects, for servers without the extension. The newest base script, `pgmq--<version>.sql`,
 * also runs without `create extension`.
 *
 * @throws KeepsakeError `development-package-missing`
 */
export async function readPgmqSql(): Promise<string> {
  for (const [name, content] of await readPgmqFiles())
    if (/^pgmq--\d+\.\d+\.\d+\.sql$/.test(name)) return content;
  throw new KeepsakeError(
    "development-package-missing",
    "The npm package `@electric-sql/pglite-pgmq` contains no base script of PGMQ: install the version in package-lock.json.",
  );
}
