import postgres from "postgres";

import { KeepsakeError, type ErrorCode } from "../errors.js";

/** What a PostgreSQL error means, by its SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const meanings: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [/^(08|57P0|58)/, "database-unreachable", "The database is going down or not up yet"],
  [/^(40001|40P01|53|55P03|57014)/, "database-busy", "The database is busy"],
  [/^(28|3D000)/, "database-refused", "The database refused the connection: check DATABASE_URL"],
  [/^42501/, "database-refused", "The database role lacks a right: run `keepsake migrate`, or use the owner"],
  [/^(42P01|42883|42703|3F000)/, "schema-missing", "The database lacks an object: run `keepsake migrate`"],
];

/** Turns what the driver threw into ours; ours, and stops, stay as they are. */
export function toDatabaseError(error: unknown, address: string): unknown {
  if (error instanceof postgres.PostgresError) {
    for (const [states, code, sentence] of meanings) {
      if (!states.test(error.code)) continue;
      return new KeepsakeError(code, `${sentence} (${address}): ${error.message}.`, { cause: error });
    }
    const text = `The database at ${address} answered with error ${error.code}: ${error.message}.`;
    return new KeepsakeError("database-error", text, { cause: error });
  }
  const code = (error as { code?: unknown } | null)?.code;
  if (error instanceof Error && !(error instanceof KeepsakeError) && typeof code === "string") {
    return new KeepsakeError(
      "database-unreachable",
      `The database at ${address} cannot be reached (${code}): check DATABASE_URL and the network.`,
      { cause: error },
    );
  }
  return error;
}
