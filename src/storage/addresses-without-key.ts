import type { StoredObject } from "../http/object-reader.js";
import { encodeObject } from "./object-path.js";

const signedRoute = /\/v1\/(?:object|render\/image)\/sign\/.+$/;

/**
 * The addresses at which Storage may return objects without the key: the signed address, if the reference is one, then
 * the public addresses. All of them are at the project's own URL, whatever host the reference names.
 *
 * @param reference a reference that `locateObjects` found to be one of the project
 * @param objects the objects that it may name
 */
export function addressesWithoutKey(
  reference: string,
  objects: readonly StoredObject[],
  projectUrl: string,
): readonly string[] {
  const open = objects.map((object) => `${projectUrl}/storage/v1/object/public/${encodeObject(object)}`);
  const isAddress = reference.startsWith("/") || URL.canParse(reference);
  if (!isAddress || !URL.canParse(reference, projectUrl)) return open;
  const { pathname, search, searchParams } = new URL(reference, projectUrl);
  const [route] = signedRoute.exec(pathname.replaceAll(/\/{2,}/g, "/")) ?? [];
  if (route === undefined || !searchParams.has("token")) return open;
  return [`${projectUrl}/storage${route}${search}`, ...open];
}
