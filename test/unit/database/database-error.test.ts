import postgres from "postgres";
import { describe, expect, it } from "vitest";

import { KeepsakeError } from "../../../dist/errors.js";
import { toDatabaseError } from "../../../dist/database/database-error.js";

const address = "aws-0-eu-central-1.pooler.supabase.com:6543/postgres";
const direct = "db.abcdefghijklmnopqrst.supabase.co:5432/postgres";

function serverError(code: string, message: string): Error {
  const PostgresError = postgres.PostgresError as unknown as new (fields: object) => Error;
  return new PostgresError({ code, message, severity: "FATAL" });
}

function networkError(code: string, message = "it failed"): Error {
  return Object.assign(new Error(message), { code });
}

describe("toDatabaseError", () => {
  it.each([
    ["28P01", 'password authentication failed for user "postgres"', "database-refused", "percent-encoded"],
    ["08P01", "SASL authentication failed", "database-refused", "percent-encoded"],
    ["08P01", 'database "films" does not exist', "database-refused", "project"],
    ["28000", "no pg_hba.conf entry for host", "database-refused", "check DATABASE_URL"],
    ["3D000", 'database "films" does not exist', "database-refused", "database"],
    ["XX000", "Tenant or user not found", "database-refused", "paused"],
    ["XX000", "(ENOTFOUND) tenant/user postgres.abc not found", "database-refused", "paused"],
    [
      "XX000",
      "(EADDRNOTALLOWED) address not in tenant allow_list: {1, 2, 3, 4}",
      "database-refused",
      "none from this address",
    ],
    ["XX000", "(ESSLREQUIRED) SSL connection is required for user: a", "database-refused", "sslmode=require"],
    ["08P01", "unsupported startup parameter: options", "database-refused", "`options`"],
    ["XX000", "(EMAXCONNSESSION) max clients reached in session mode", "database-busy", "6543"],
    ["XX000", "MaxClientsInSessionMode: max clients reached", "database-busy", "6543"],
    ["XX000", "(ECHECKOUTTIMEOUT) Pool checkout timeout.\n  1. Ensuring", "database-busy", "larger pool"],
    ["08P01", "query_wait_timeout", "database-busy", "no free connection"],
    ["08P01", "no more connections allowed (max_client_conn)", "database-busy", "no free connection"],
    ["XX000", "(EDBHANDLEREXITED) DbHandler exited", "database-unreachable", "starting up"],
    ["08P01", "server conn crashed?", "database-unreachable", "shutting down"],
    ["53300", "sorry, too many clients already", "database-busy", "no free connection"],
    ["57P01", "terminating connection due to administrator command", "database-unreachable", "shutting down"],
    ["57P03", "the database system is starting up", "database-unreachable", "starting up"],
    ["25006", "cannot execute UPDATE in a read-only transaction", "database-busy", "disk may be full"],
    ["55P03", "canceling statement due to lock timeout", "database-busy", "busy"],
    ["42501", "permission denied for schema keepsake", "database-refused", "lacks a privilege"],
    ["42883", "function keepsake.call(text, jsonb) does not exist", "schema-missing", "keepsake migrate"],
    ["22012", "division by zero", "database-error", "22012"],
  ])("translates the server error %s %j to %s", (state, message, code, words) => {
    const cause = serverError(state, message);
    const error = toDatabaseError(cause, address);
    expect(error).toMatchObject({ code, cause, message: expect.stringContaining(words) });
    expect((error as Error).message).toContain(address);
    expect((error as Error).message).not.toContain("\n");
  });

  it.each([
    ["ENOTFOUND", "database-unreachable", "cannot be resolved"],
    ["ECONNREFUSED", "database-unreachable", "cannot be reached"],
    ["ECONNRESET", "database-unreachable", "cannot be reached"],
    ["CONNECTION_CLOSED", "database-unreachable", "cannot be reached"],
    ["CONNECT_TIMEOUT", "database-unreachable", "cannot be reached"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "database-refused", "prod-ca-2021.crt"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "database-refused", "sslrootcert"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "database-refused", "another host"],
    ["CERT_HAS_EXPIRED", "database-refused", "clock"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "database-refused", "sslmode"],
  ])("translates the network error %s to %s", (state, code, words) => {
    expect(toDatabaseError(networkError(state), address)).toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });

  it.each(["ENOTFOUND", "ENETUNREACH", "EHOSTUNREACH", "CONNECT_TIMEOUT"])(
    "adds a hint about Supabase's direct host to %s, and about no other host",
    (state) => {
      const hint = expect.stringMatching(/IPv6.*session pooler.*paused/);
      expect(toDatabaseError(networkError(state), direct)).toMatchObject({ message: hint });
      expect(toDatabaseError(networkError(state), address)).not.toMatchObject({ message: hint });
    },
  );

  it("returns a KeepsakeError, an abort and a programming error unchanged", () => {
    for (const error of [
      new KeepsakeError("internal", "It is a KeepsakeError."),
      new DOMException("This operation was aborted", "AbortError"),
      networkError("ERR_INVALID_ARG_TYPE"),
      new TypeError("x is not a function"),
      null,
    ]) {
      expect(toDatabaseError(error, address)).toBe(error);
    }
  });
});
