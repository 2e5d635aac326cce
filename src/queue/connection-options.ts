import { readFileSync } from "node:fs";

import type { Options } from "postgres";

import { KeepsakeError } from "../errors.js";

type ConnectionOptions = Options<Record<string, never>>;

/** Parameters of other tools in a connection string that the server would refuse as unknown settings. */
const foreignParameters = ["pgbouncer", "connection_limit", "pool_timeout", "schema", "supa", "sslrootcert"];
const loopbackHosts = new Set(["localhost", "127.0.0.1", "[::1]", "::1"]);

/**
 * Splits a connection string into what the driver is told: the URL without the parameters it would pass on, and TLS.
 * `sslmode` is that of libpq, and so is `sslrootcert` (the path of a CA certificate: Supabase's is in no system's
 * trust). Without `sslmode` TLS is used where the server offers it, but for loopback.
 * @throws KeepsakeError `setting-invalid`
 */
export function parseConnectionString(text: string): {
  url: string;
  ssl: NonNullable<ConnectionOptions["ssl"]>;
  address: string;
} {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new KeepsakeError(
      "setting-invalid",
      "DATABASE_URL is not a connection string: write postgres://user:password@host:port/database.",
    );
  }
  const mode = url.searchParams.get("sslmode");
  const certificate = url.searchParams.get("sslrootcert");
  for (const name of ["sslmode", ...foreignParameters]) url.searchParams.delete(name);
  const address = `${url.hostname}:${url.port === "" ? "5432" : url.port}${url.pathname}`;
  return { url: url.href, ssl: tlsOf(mode, certificate, url.hostname), address };
}

function tlsOf(
  mode: string | null,
  certificate: string | null,
  host: string,
): NonNullable<ConnectionOptions["ssl"]> {
  const ca = certificate === null ? null : readCertificate(certificate);
  switch (mode) {
    case null:
      if (ca !== null) return { ca, rejectUnauthorized: true };
      return loopbackHosts.has(host) ? false : "prefer";
    case "disable":
      return false;
    case "allow":
    case "prefer":
      return "prefer";
    case "require":
      return ca === null ? "require" : { ca, rejectUnauthorized: true };
    case "verify-ca":
      // The certificate must be signed by a known authority; the name in it does not matter.
      return { rejectUnauthorized: true, checkServerIdentity: () => undefined, ...(ca && { ca }) };
    case "verify-full":
      return ca === null ? "verify-full" : { ca, rejectUnauthorized: true };
    default:
      throw new KeepsakeError(
        "setting-invalid",
        `DATABASE_URL has the unknown sslmode "${mode}": use disable, prefer, require, verify-ca or verify-full.`,
      );
  }
}

function readCertificate(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new KeepsakeError("setting-invalid", `The sslrootcert of DATABASE_URL cannot be read: ${file}.`, {
      cause: error,
    });
  }
}
