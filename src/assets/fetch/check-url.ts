import { isIP } from "node:net";

import { KeepsakeError } from "../../errors.js";
import { isPublicAddress } from "./public-address.js";

/** The addresses that media may come from. */
export interface UrlRules {
  /** `media.example.org`, or `*.example.org` for all hosts below it; with `:port` for another port than the default. */
  readonly allowedHosts: readonly string[];
  /** Origin of the configured project, which is always allowed, also at a private address. */
  readonly ownOrigin: string | null;
}

export interface CheckedUrl {
  readonly url: URL;
  /** Whether the connection may only go to a public address. */
  readonly publicOnly: boolean;
}

/**
 * Checks whether an address may be fetched.
 *
 * @param base the address that redirected here, for relative addresses
 * @throws KeepsakeError `media-address-refused`
 */
export function checkUrl(reference: string, rules: UrlRules, base?: URL): CheckedUrl {
  if (!URL.canParse(reference, base?.href))
    throw addressRejected("it is neither a web address nor a file of the project");
  const url = new URL(reference, base?.href);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw addressRejected("only http and https are fetched");
  if (url.username !== "" || url.password !== "") throw addressRejected("it has a user name or password");
  if (url.origin === rules.ownOrigin) return { url, publicOnly: false };
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw addressRejected("it points into a private network");
  if (!rules.allowedHosts.some((pattern) => matchesHost(url, pattern))) {
    const why = `its host ${url.host} is not allowed; add it to KEEPSAKE_MEDIA_HOSTS if it is yours`;
    throw addressRejected(why, { setting: "KEEPSAKE_MEDIA_HOSTS" });
  }
  return { url, publicOnly: true };
}

function matchesHost(url: URL, pattern: string): boolean {
  const [, name = "", port = ""] = /^(.*?)(?::(\d+))?$/.exec(pattern.toLowerCase()) ?? [];
  const defaultPort = url.protocol === "https:" ? "443" : "80";
  if ((url.port || defaultPort) !== (port || defaultPort)) return false;
  const host = url.hostname.replace(/\.$/, "");
  return name.startsWith("*.")
    ? host.endsWith(name.slice(1)) && host.length > name.length - 1
    : host === name;
}

/**
 * The error of an address that may not be fetched.
 *
 * @param options `setting`: the setting that rejects the address, when another value would allow it
 */
export function addressRejected(
  why: string,
  options: { readonly cause?: unknown; readonly setting?: string } = {},
): KeepsakeError {
  return new KeepsakeError("media-address-refused", `The file's address is rejected: ${why}.`, options);
}
