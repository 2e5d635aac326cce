import type { StoredObject } from "../object-reader.js";
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

/**
 * The object that a reference names, whatever its signature or its expiry.
 *
 * @param reference a URL of the project, a path that begins with `/storage/v1/`, or a bare `bucket/path`
 * @param otherHosts further hosts of the project, with their ports: a custom domain, the public name of one that is
 *   reached by an inner one
 * @returns null when it is not the project's
 */
export function locateObject(
  reference: string,
  projectUrl: string,
  otherHosts: readonly string[] = [],
): StoredObject | null {
  const isPath = reference.startsWith("/storage/v1/");
  if (!isPath && !URL.canParse(reference)) return parseBareReference(reference);
  if (!URL.canParse(reference, projectUrl)) return null;
  const url = new URL(reference, projectUrl);
  // By host: an http:// address of an https:// project is the same object, and is fetched from the project anyway.
  if (!/^https?:$/.test(url.protocol) || !isProjectHost(url, projectUrl, otherHosts)) return null;
  try {
    const object = readObjectPath(url.pathname);
    return object !== null && isSafeObject(object) ? object : null;
  } catch {
    return null;
  }
}

/** @throws URIError where the path is not UTF-8 */
function readObjectPath(pathname: string): StoredObject | null {
  const [, bucket, path] = objectPath.exec(pathname) ?? [];
  if (bucket !== undefined && path !== undefined) {
    return { bucket: decodeURIComponent(bucket), path: decodeURIComponent(path) };
  }
  const upload = uploadPath.exec(pathname)?.[1];
  if (upload === undefined) return null;
  return parseBareReference(
    Buffer.from(upload, "base64url")
      .toString("utf8")
      .replace(/\/[^/]*$/, ""),
  );
}

/** A hosted project also has a host of its own for large files: `<ref>.storage.supabase.co`. */
function isProjectHost(url: URL, projectUrl: string, otherHosts: readonly string[]): boolean {
  const project = new URL(projectUrl);
  const large = project.host.replace(/^([^.]+)\.supabase\.co$/, "$1.storage.supabase.co");
  if ([project.host, large, ...otherHosts].includes(url.host)) return true;
  // A local project is called by several names of the same machine.
  return loopbackNames.has(url.hostname) && loopbackNames.has(project.hostname) && url.port === project.port;
}
