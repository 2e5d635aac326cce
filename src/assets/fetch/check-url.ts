import { isIP } from "node:net";

import { KeepsakeError } from "../../errors.js";
import { isPublicAddress } from "./public-address.js";

/** Which addresses media may come from. */
export interface UrlRules {
  /** `media.example.org`, `*.example.org` for all below it, or either with `:port` for another port than the usual. */
  readonly allowedHosts: readonly string[];
  /** Origin of the configured project: always allowed, on a private address too. */
  readonly ownOrigin: string | null;
}

export interface CheckedUrl {
  readonly url: URL;
  /** True when the connection may only go to an address of the open internet. */
  readonly publicOnly: boolean;
}

/**
 * @param base the page that redirected here, for relative addresses
 * @throws KeepsakeError `media-address-refused`
 */
export function checkUrl(reference: string, rules: UrlRules, base?: URL): CheckedUrl {
  if (!URL.canParse(reference, base?.href))
    throw refused("it is neither a web address nor a file of the project");
  const url = new URL(reference, base?.href);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refused("only http and https are fetched");
  if (url.username !== "" || url.password !== "") throw refused("it holds a user name or password");
  if (url.origin === rules.ownOrigin) return { url, publicOnly: false };
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw refused("it points into a private network");
  if (!rules.allowedHosts.some((pattern) => matchesHost(url, pattern))) {
    const why = `its host ${url.host} is not allowed; add it to KEEPSAKE_MEDIA_HOSTS if it is yours`;
    throw refused(why, { setting: "KEEPSAKE_MEDIA_HOSTS" });
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

/** @param options `setting`: the one that refuses the address, where another value would allow it */
export function refused(
  why: string,
  options: { readonly cause?: unknown; readonly setting?: string } = {},
): KeepsakeError {
  return new KeepsakeError("media-address-refused", `The file's address is refused: ${why}.`, options);
}
