import { hasDisguisedPath } from "../http/disguised-path.js";
import type { StoredObject } from "../http/object-reader.js";
import { nameAsSent } from "./name-as-sent.js";
import { isSafeObject, parseBareReference } from "./object-path.js";

/**
 * The addresses of an object: public, signed, authenticated and plain, those of transformed images, whose original is
 * what we want, those for uploading, and those of the S3 protocol. Words of other routes are no buckets. The host for
 * large files has them without `/storage` too.
 */
const objectPath =
  /^(?:\/storage)?\/v1\/(?:(?:object|render\/image)\/(?:(?:public|sign|authenticated|upload\/sign)\/|(?!(?:public|sign|authenticated|info|list|upload|copy|move)\/))|s3\/)([^/]+)\/(.+)$/;

/** What a resumable upload was sent to: base64url of `bucket/path/version`. */
const uploadPath = /^(?:\/storage)?\/v1\/upload\/resumable\/(?:sign\/)?([\w-]+={0,2})$/;

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "host.docker.internal"]);

/** A parameter at the end of an address, or several: `?token=x&download=`, `#t=10`. */
const parametersAtEnd = /[?#]([a-z_][\w-]*)(?:=[^?#]*|&[^?#]*)?$/i;
/** Parameters of Storage, of players and of caches; what begins otherwise may belong to the file's name. */
const knownParameter =
  /^(?:token|download|t|v|ver|version|width|height|resize|quality|format|cacheNonce|_|ts|x-amz-[\w-]+|x-id)$/i;

/**
 * The objects that a reference may name, whatever its signature or its expiry, in the order in which they should be
 * tried. There is more than one only where a name holds `?`, `#` or `%`: clients of Storage cut and decode such names
 * when they upload, so the name as it is written may not be the name in the bucket.
 *
 * @param reference a URL of the project, a path that begins with `/storage/v1/`, or a bare `bucket/path`
 * @param otherHosts further hosts of the project, with their ports: a custom domain, the public name of one that is
 *   reached by an inner one
 * @returns none when it is not the project's, or a part of its path is more than one name once it is decoded
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
  // By host: an http:// address of an https:// project is the same object, and is fetched from the project anyway.
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
        // Not UTF-8.
        return null;
      }
    }),
  );
}

/** Storage's path of an address. A proxy may serve a project below a path, which `SUPABASE_URL` then ends in. */
function pathBelow(pathname: string, basePath: string, isOtherHost: boolean): string {
  if (basePath !== "" && pathname.startsWith(`${basePath}/`)) return pathname.slice(basePath.length);
  // The public name of a project that is reached by an inner one may have a path that the inner one lacks.
  return isOtherHost ? pathname.replace(/^.*?(?=\/storage\/v1\/)/, "") : pathname;
}

/** What of an address's query and fragment may belong to the file's name; the empty text stands for nothing of it. */
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

/** @throws URIError where the path is not UTF-8 */
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

/** Each object, and after all of them each under the name that a client would have sent for it; none twice. */
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
 * A hosted project has a host of its own for large files, `<ref>.storage.supabase.co`, and older addresses of it end
 * in `.supabase.in`.
 */
function isProjectHost(url: URL, project: URL): boolean {
  if (url.host === project.host) return true;
  const ref = /^([^.:]+)\.supabase\.(?:co|in)$/.exec(project.host)?.[1];
  if (ref !== undefined) {
    return ["supabase.co", "supabase.in", "storage.supabase.co", "storage.supabase.in"].some(
      (domain) => url.host === `${ref}.${domain}`,
    );
  }
  // A local project is called by several names of the same machine.
  return loopbackNames.has(url.hostname) && loopbackNames.has(project.hostname) && url.port === project.port;
}
