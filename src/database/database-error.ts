import postgres from "postgres";

import { KeepsakeError, type ErrorCode } from "../errors.js";

/** What only the owner of the app's table can change. */
export const refusedTable =
  "The app's table public.capsules does not take what publishing writes, status 'completed' and the film's address in final_video_url: change its type, check, trigger or rights";

type Meaning = readonly [pattern: RegExp, code: ErrorCode, sentence: string];

/**
 * What poolers say in words of their own, whatever SQLSTATE they put to it: Supavisor's are all XX000, with a code of
 * its own in brackets since 2.7; PgBouncer's are 08P01.
 */
const poolerMeanings: readonly Meaning[] = [
  [
    /\((ENOTFOUND|ENOIDENTIFIER)\)|^tenant or user not found|^no such (database|user)|^database ".*" does not exist/i,
    "database-refused",
    "The pooler knows no such project, user or database: take the string from the dashboard's Connect again (the user is postgres.<project ref>), and see that the project is not paused",
  ],
  [
    /\((EAUTHQUERY|EBANNED|EADDRNOTALLOWED)\)/,
    "database-refused",
    "The pooler lets nobody in with this user, or from here",
  ],
  [
    /\(ESSLREQUIRED\)|SSL connection is required|^SSL required/i,
    "database-refused",
    "The pooler wants TLS: add sslmode=require to DATABASE_URL",
  ],
  [
    /^(SASL|password) authentication failed/i,
    "database-refused",
    "The database refused user or password: check DATABASE_URL; special characters in a password are percent-encoded",
  ],
  [
    /^unsupported startup parameter/,
    "database-refused",
    "The pooler refuses a startup parameter: take `options` out of DATABASE_URL",
  ],
  [
    /\(EMAX[A-Z]+\)|^max ?client|^no more connections allowed|\(ECHECKOUTTIMEOUT\)|^query_wait_timeout/i,
    "database-busy",
    "The pooler has no connection free: use the transaction pooler (port 6543), fewer workers, or a larger pool",
  ],
];

/** What a PostgreSQL error means, by its SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const stateMeanings: readonly Meaning[] = [
  [/^(08|57P|58|XX000)/, "database-unreachable", "The database is going down or not up yet"],
  [/^53300/, "database-busy", "The database has no connection free"],
  [/^(40001|40P01|53|55P03|57014)/, "database-busy", "The database is busy"],
  [
    /^25006/,
    "database-busy",
    "The database takes no writes now: its disk may be full (Supabase stops writes then), or this is a replica",
  ],
  [/^28/, "database-refused", "The database refused the connection: check DATABASE_URL"],
  [
    /^3D000/,
    "database-refused",
    "There is no such database: check the end of DATABASE_URL (Supabase's is postgres)",
  ],
  [
    /^42501/,
    "database-refused",
    "The database role lacks a right: run `keepsake migrate` as the owner of the app's tables, which grants it or says who can",
  ],
  [/^KS001/, "capsule-table-refuses", refusedTable],
  [/^0A000/, "database-refused", "The database is not set up as Keepsake needs it"],
  [/^(42P01|42883|42703|3F000)/, "schema-missing", "The database lacks an object: run `keepsake migrate`"],
];

/** What Node, OpenSSL and the driver say, by their codes. */
const networkMeanings: readonly Meaning[] = [
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    "database-refused",
    "The database's certificate is for another host than the one in DATABASE_URL: use the host's own name, or sslmode=verify-ca",
  ],
  [
    /^(SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED|INVALID_CA)/,
    "database-refused",
    "The database's certificate is signed by an authority that is not trusted here: add sslrootcert=<path of the authority's certificate> to DATABASE_URL (Supabase's, prod-ca-2021.crt, is in the dashboard under Database, Settings, SSL)",
  ],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    "database-refused",
    "The database's certificate is not valid now: renew it, or set this machine's clock",
  ],
  [
    /^(ERR_SSL_|EPROTO$|SASL_)/,
    "database-refused",
    "The database and we found no common way to secure the connection: check sslmode in DATABASE_URL",
  ],
  [
    /^(ENOTFOUND|EAI_)/,
    "database-unreachable",
    "The name of the database's host cannot be resolved: check DATABASE_URL and the network",
  ],
  [
    /^(E[A-Z0-9]+|CONNECTION_[A-Z]+|CONNECT_TIMEOUT|PROTOCOL_VIOLATION|ERR_STREAM_.*|ERR_SOCKET_.*)$/,
    "database-unreachable",
    "The database cannot be reached: check DATABASE_URL and the network",
  ],
];

const directHost = /^db\.[a-z0-9]+\.supabase\.(co|com)[:/]/;
const directHostHint =
  "Supabase's direct host has an IPv6 address only: where there is no IPv6, use the session pooler's string from the dashboard's Connect. A paused project has no host at all: restore it";

/** Turns what the driver, the network or a pooler threw into ours; ours, and stops, stay as they are. */
export function toDatabaseError(error: unknown, address: string): unknown {
  if (error instanceof KeepsakeError || !(error instanceof Error)) return error;
  if (error instanceof postgres.PostgresError) {
    const meaning = poolerMeanings.find(([pattern]) => pattern.test(error.message));
    if (meaning !== undefined) return explain(error, error.message, meaning, address);
    return explainState(error.code, error, address);
  }
  const code = (error as { code?: unknown }).code;
  const meaning =
    typeof code === "string" ? networkMeanings.find(([pattern]) => pattern.test(code)) : undefined;
  return meaning === undefined ? error : explain(error, String(code), meaning, address);
}

/** What an error of the server means, whichever way it came. */
export function explainState(state: string, cause: Error, address: string): KeepsakeError {
  const meaning = stateMeanings.find(([pattern]) => pattern.test(state));
  if (meaning !== undefined) return explain(cause, cause.message, meaning, address);
  const text = `The database at ${address} answered with error ${state}: ${cause.message}.`;
  return new KeepsakeError("database-error", text, { cause });
}

function explain(cause: Error, said: string, [, code, sentence]: Meaning, address: string): KeepsakeError {
  const outOfReach = code === "database-unreachable" && !(cause instanceof postgres.PostgresError);
  const hint = outOfReach && directHost.test(address) ? ` ${directHostHint}.` : "";
  const words = said.trim().split("\n")[0]?.replace(/\.$/, "") ?? "";
  return new KeepsakeError(code, `${sentence} (${address}): ${words}.${hint}`, { cause });
}
