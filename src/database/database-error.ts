import postgres from "postgres";

import { KeepsakeError, type ErrorCode } from "../errors.js";

/** Message for a problem that only the owner of the app's table can fix. */
export const rejectingTable =
  "The app's table public.capsules rejects the values that publishing writes, status 'completed' and the film's address in final_video_url: change the column's type, the check, the trigger or the privileges";

type Meaning = readonly [pattern: RegExp, code: ErrorCode, sentence: string];

/**
 * Errors of poolers, recognised by their texts, because their SQLSTATEs are too general: Supavisor's are all XX000, with its
 * own code in brackets since version 2.7; PgBouncer's are all 08P01.
 */
const poolerMeanings: readonly Meaning[] = [
  [
    /\((ENOTFOUND|ENOIDENTIFIER)\)|^tenant or user not found|^no such (database|user)|^database ".*" does not exist/i,
    "database-refused",
    "The pooler has no such project, user or database: copy the string from the dashboard's Connect again (the user is postgres.<project ref>), and check that the project is not paused",
  ],
  [
    /\((EAUTHQUERY|EBANNED|EADDRNOTALLOWED)\)/,
    "database-refused",
    "The pooler accepts no connection with this user, or none from this address",
  ],
  [
    /\(ESSLREQUIRED\)|SSL connection is required|^SSL required/i,
    "database-refused",
    "The pooler requires TLS: add sslmode=require to DATABASE_URL",
  ],
  [
    /^(SASL|password) authentication failed/i,
    "database-refused",
    "The database rejected the user or password: check DATABASE_URL; special characters in a password are percent-encoded",
  ],
  [
    /^unsupported startup parameter/,
    "database-refused",
    "The pooler rejects a startup parameter: remove `options` from DATABASE_URL",
  ],
  [
    /\(EMAX[A-Z]+\)|^max ?client|^no more connections allowed|\(ECHECKOUTTIMEOUT\)|^query_wait_timeout/i,
    "database-busy",
    "The pooler has no free connection: use the transaction pooler (port 6543), fewer workers, or a larger pool",
  ],
];

/** Meanings of PostgreSQL errors by SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const stateMeanings: readonly Meaning[] = [
  [/^(08|57P|58|XX000)/, "database-unreachable", "The database is shutting down or starting up"],
  [/^53300/, "database-busy", "The database has no free connection"],
  [/^(40001|40P01|53|55P03|57014)/, "database-busy", "The database is busy"],
  [
    /^25006/,
    "database-busy",
    "The database accepts no writes at the moment: its disk may be full (Supabase then stops writes), or it is a replica",
  ],
  [/^28/, "database-refused", "The database rejected the connection: check DATABASE_URL"],
  [
    /^3D000/,
    "database-refused",
    "There is no such database: check the end of DATABASE_URL (Supabase's is postgres)",
  ],
  [
    /^42501/,
    "database-refused",
    "The database role lacks a privilege: run `keepsake migrate` as the owner of the app's tables, which grants it or names the role that can",
  ],
  [/^KS001/, "capsule-table-refuses", rejectingTable],
  [/^0A000/, "database-refused", "The database's setup does not fit Keepsake: run `keepsake doctor`"],
  [/^(42P01|42883|42703|3F000)/, "schema-missing", "The database lacks an object: run `keepsake migrate`"],
];

/** Meanings of errors of Node, OpenSSL and the driver, by their codes. */
const networkMeanings: readonly Meaning[] = [
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    "database-refused",
    "The database's certificate is for another host than the one in DATABASE_URL: use the host's own name, or sslmode=verify-ca",
  ],
  [
    /^(SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED|INVALID_CA)/,
    "database-refused",
    "The database's certificate is signed by an authority that this machine does not trust: add sslrootcert=<path of the authority's certificate> to DATABASE_URL (Supabase's, prod-ca-2021.crt, is in the dashboard under Database, Settings, SSL)",
  ],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    "database-refused",
    "The database's certificate has expired or is not valid yet: renew it, or correct this machine's clock",
  ],
  [
    /^(ERR_SSL_|EPROTO$|SASL_)/,
    "database-refused",
    "No common TLS or authentication method was found with the database: check sslmode in DATABASE_URL",
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
  "Supabase's direct host has an IPv6 address only: in a network without IPv6, use the string of the session pooler from the dashboard's Connect. The host of a paused project does not exist: restore the project";

/** Translates errors of the driver, the network or a pooler into a KeepsakeError. Other errors are returned unchanged. */
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

/** Translates an error of the server by its SQLSTATE, over a connection or over the Data API. */
export function explainState(state: string, cause: Error, address: string): KeepsakeError {
  const meaning = stateMeanings.find(([pattern]) => pattern.test(state));
  if (meaning !== undefined) return explain(cause, cause.message, meaning, address);
  const text = `The database at ${address} answered with error ${state}: ${cause.message}.`;
  return new KeepsakeError("database-error", text, { cause });
}

function explain(cause: Error, detail: string, [, code, sentence]: Meaning, address: string): KeepsakeError {
  const outOfReach = code === "database-unreachable" && !(cause instanceof postgres.PostgresError);
  const hint = outOfReach && directHost.test(address) ? ` ${directHostHint}.` : "";
  const firstLine = detail.trim().split("\n")[0]?.replace(/\.$/, "") ?? "";
  return new KeepsakeError(code, `${sentence} (${address}): ${firstLine}.${hint}`, { cause });
}
