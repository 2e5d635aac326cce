import { hasDisguisedPath } from "../http/disguised-path.js";
import type { StoredObject } from "../http/object-reader.js";
import { isSafeObject, parseBareReference } from "./object-path.js";

/**
 * Matches the addresses of an object: public, signed, authenticated and plain ones, those of transformed images (their
 * original is used), those for uploading, and those of the S3 protocol. The names of other routes are no buckets. The
 * host for large files also has these addresses without `/storage`.
 */
const objectPath =
  /^(?:\/storage)?\/v1\/(?:(?:object|render\/image)\/(?:(?:public|sign|authenticated|upload\/sign)\/|(?!(?:public|sign|authenticated|info|list|upload|copy|move)\/))|s3\/)([^/]+)\/(.+)$/;

/** Matches the address of a resumable upload, which contains base64url of `bucket/path/version`. */
const uploadPath = /^(?:\/storage)?\/v1\/upload\/resumable\/(?:sign\/)?([\w-]+={0,2})$/;

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "host.docker.internal"]);

/** Matches one or several parameters at the end of an address: `?token=x&download=`, `#t=10`. */
const parametersAtEnd = /[?#]([a-z_][\w-]*)(?:=[^?#]*|&[^?#]*)?$/i;
/** Names of parameters of Storage, players and caches. Any other text may belong to the file's name. */
const knownParameter =
  /^(?:token|download|t|v|ver|version|width|height|resize|quality|format|cacheNonce|_|ts|x-amz-[\w-]+|x-id)$/i;

/**
 * Finds the objects that a reference may name, in the order in which they should be tried; its signature and expiry do
 * not matter. There are several only when a name contains `?`, `#` or `%`: clients of Storage cut and decode such names
 * when they upload, so the name in the row may differ from the name in the bucket.
 *
 * @param reference a URL of the project, a path that begins with `/storage/v1/`, or a bare `bucket/path`
 * @param otherHosts further hosts of the project, with their ports: a custom domain, or the public name of a project
 *   that is configured by an internal name
 * @returns none when the reference is not one of the project, or a segment of its path is disguised
 */
export function locateObjects(
  reference: string,
  projectUrl: string,
  otherHosts: readonly string[] = [],
): readonly StoredObject[] {
  if (hasDisguisedPath(reference)) return [];
  const project = new URL(projectUrl);
  const basePath = project.pathname.replace(/\/+$/, "");
  const isPath = reference.startsWith("/storage/v1/") || reference.startsWith(`${basePath}/storage/v1/`);
  if (!isPath && !URL.canParse(reference)) return withSentNames([parseBareReference(reference)]);
  if (!URL.canParse(reference, projectUrl)) return [];
  const url = new URL(reference, projectUrl);
  // Only hosts are compared: an http:// address of an https:// project names the same object, and is fetched from the project anyway.
  if (!/^https?:$/.test(url.protocol)) return [];
  const isOtherHost = otherHosts.includes(url.host);
  if (!isOtherHost && !isProjectHost(url, project)) return [];
  const pathname = url.pathname.replaceAll(/\/{2,}/g, "/");
  const below = pathBelow(pathname, basePath, isOtherHost);
  return withSentNames(
    namesAtEnd(url).map((end) => {
      try {
        return readObjectPath(below, end);
      } catch {
        // The path is not UTF-8.
        return null;
      }
    }),
  );
}

/** Removes the path below which a proxy serves the project, so that Storage's own path is left. */
function pathBelow(pathname: string, basePath: string, isOtherHost: boolean): string {
  if (basePath !== "" && pathname.startsWith(`${basePath}/`)) return pathname.slice(basePath.length);
  // The public address of a project that is configured by an internal name may have a path that the internal one lacks.
  return isOtherHost ? pathname.replace(/^.*?(?=\/storage\/v1\/)/, "") : pathname;
}

/** The parts of an address's query and fragment that may belong to the file's name; empty for none of it. */
function namesAtEnd({ search, hash }: URL): readonly string[] {
  let name = search + hash;
  if (name === "") return [""];
  const whole = name;
  let isKnown = true;
  for (;;) {
    const [parameters, first = ""] = parametersAtEnd.exec(name) ?? [];
    if (parameters === undefined) break;
    isKnown &&= knownParameter.test(first);
    name = name.slice(0, -parameters.length);
  }
  if (name !== "") return [name, ""];
  return isKnown ? [""] : ["", whole];
}

/** @throws URIError when the path is not UTF-8 */
function readObjectPath(pathname: string, nameEnd: string): StoredObject | null {
  const [, bucket, path] = objectPath.exec(pathname) ?? [];
  if (bucket !== undefined && path !== undefined) {
    return { bucket: decodeURIComponent(bucket), path: decodeURIComponent(path + nameEnd) };
  }
  const upload = uploadPath.exec(pathname)?.[1];
  if (upload === undefined) return null;
  return parseBareReference(
    Buffer.from(upload, "base64url")
      .toString("utf8")
      .replace(/\/[^/]*$/, ""),
  );
}

/** The objects as written, followed by the objects under the names that a client would have sent; without repeats. */
function withSentNames(written: readonly (StoredObject | null)[]): readonly StoredObject[] {
  const safe = written.filter((object) => object !== null).filter(isSafeObject);
  const sent = safe.flatMap(({ bucket, path }) => {
    const name = nameAsSent(path);
    return name === null ? [] : { bucket, path: name };
  });
  const byPath = new Map<string, StoredObject>();
  for (const object of [...safe, ...sent.filter(isSafeObject)]) {
    const key = `${object.bucket}/${object.path}`;
    if (!byPath.has(key)) byPath.set(key, object);
  }
  return [...byPath.values()];
}

/**
 * Whether a URL has a host of the project. Hosted projects also have `<ref>.storage.supabase.co` for large files, and
 * older addresses end in `.supabase.in`.
 */
function isProjectHost(url: URL, project: URL): boolean {
  if (url.host === project.host) return true;
  const ref = /^([^.:]+)\.supabase\.(?:co|in)$/.exec(project.host)?.[1];
  if (ref !== undefined) {
    return ["supabase.co", "supabase.in", "storage.supabase.co", "storage.supabase.in"].some(
      (domain) => url.host === `${ref}.${domain}`,
    );
  }
  // A local project may be named by several names of the same machine.
  return loopbackNames.has(url.hostname) && loopbackNames.has(project.hostname) && url.port === project.port;
}

/**
 * The name under which Supabase's client library (storage-js 2.x) stores and reads an object called `path`: it puts the
 * name into a URL without encoding it, so text after `?` or `#` is cut, and the server decodes percent-encoded characters.
 *
 * @returns null when no object can be stored under that name
 */
function nameAsSent(path: string): string | null {
  const cut = path.replace(/[?#].*$/su, "");
  try {
    return cut === "" ? null : decodeURIComponent(cut);
  } catch {
    return null;
  }
}
