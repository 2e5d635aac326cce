import { readFileSync } from "node:fs";

import { KeepsakeError } from "../errors.js";

/** The parts of a connection string, in the form that the socket and the driver need. */
export interface ConnectionTarget {
  /** Name or address of the server; an IPv6 address has no brackets. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly tls: TlsDemand;
  /** Startup parameter `options` for the server, such as `-c search_path=x`; null: none is sent. */
  readonly startupOptions: string | null;
  /** `host:port/database` for messages to people, without user and password. */
  readonly address: string;
}

/** How much TLS is required. `checked` names what the server's certificate must prove. */
export type TlsDemand =
  | { readonly use: "never" | "if-offered" | "unchecked" }
  | { readonly use: "checked"; readonly authorities: string | null; readonly checkName: boolean };

const loopbackHosts = new Set(["localhost", "127.0.0.1", "::1"]);

/**
 * Parses a connection string as libpq does. `sslmode` and `sslrootcert` have libpq's meaning. `sslrootcert` is the path
 * of a CA certificate (no system trusts Supabase's by default) or `system`; with it the mode is `verify-full`, unless
 * `verify-ca` is set. Without `sslmode` TLS is used where the server offers it, except on loopback. Only `options` of the
 * other parameters is sent to the server: poolers reject connections with unknown parameters, and the
 * dashboard's strings contain some for other tools (`pgbouncer=true`, `supa=…`).
 * @throws KeepsakeError `setting-invalid`
 */
export function parseConnectionString(text: string): ConnectionTarget {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol) || url.hash !== "") {
    throw invalid(
      "is not a connection string: write postgres://user:password@host:port/database, and each of : / ? # [ ] @ % in the password percent-encoded, such as %23 for #",
    );
  }
  // Where a password contains an unencoded / or ?, its rest would become the database's name, which messages show.
  if (/[@:]/.test(url.pathname) || url.search.includes("@")) {
    throw invalid(
      "has an @ or a : after the host: percent-encode each of : / ? # [ ] @ % in the password, such as %23 for #",
    );
  }
  if (url.hostname === "" || url.hostname.includes(",")) {
    throw invalid(`names ${url.hostname === "" ? "no host" : "several hosts"}: name one`);
  }
  const password = decode(url.password, "password");
  if (/^\[.*password.*\]$/i.test(password)) {
    throw invalid(
      "still contains the dashboard's placeholder [YOUR-PASSWORD]: put the database password in its place",
    );
  }
  const user = decode(url.username, "user");
  if (user === "") throw invalid("names no user");
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? 5432 : Number(url.port);
  const database = decode(url.pathname.slice(1), "database") || user;
  const mode = url.searchParams.get("sslmode");
  return {
    host,
    port,
    user,
    password,
    database,
    tls: parseTls(mode, url.searchParams.get("sslrootcert"), host),
    startupOptions: url.searchParams.get("options"),
    address: `${url.hostname}:${port}/${database}`,
  };
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(`has a ${what} with a % that begins no percent-encoded character: write %25 for %`);
  }
}

function parseTls(mode: string | null, certificate: string | null, host: string): TlsDemand {
  const named = certificate !== null;
  const checked = (checkName: boolean): TlsDemand => ({
    use: "checked",
    authorities: named && certificate !== "system" ? readCertificate(certificate) : null,
    checkName,
  });
  switch (mode) {
    case null:
      if (named) return checked(true);
      return { use: loopbackHosts.has(host) ? "never" : "if-offered" };
    case "disable":
      return { use: "never" };
    case "allow":
    case "prefer":
      return { use: "if-offered" };
    case "require":
    case "no-verify":
      return named && mode === "require" ? checked(true) : { use: "unchecked" };
    case "verify-ca":
      return checked(false);
    case "verify-full":
      return checked(true);
    default:
      throw invalid(`has an unknown sslmode: use disable, prefer, require, verify-ca or verify-full`);
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

function invalid(what: string): KeepsakeError {
  return new KeepsakeError("setting-invalid", `DATABASE_URL ${what}.`);
}
