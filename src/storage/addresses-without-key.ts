import type { StoredObject } from "../http/object-reader.js";
import { encodeObject } from "./object-path.js";

const signedRoute = /\/v1\/(?:object|render\/image)\/sign\/.+$/;

/**
 * Where Storage hands out objects without the key: at the signed address that the reference is, if it is one, else at
 * their public addresses. All at the project's own URL, by whatever host the reference names it.
 *
 * @param reference one that `locateObjects` found to be of the project
 * @param objects what it may name
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
