import { createHash } from "node:crypto";

/**
 * Key of a cache entry: a hash of all that determines its content, except the code that makes it.
 *
 * @param kind kind of the entry; entries of different kinds never have the same key
 * @param inputs plain JSON values; objects must always have their properties in the same order
 * @returns sha256, 64 hex digits
 */
export function cacheKey(kind: string, inputs: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify([kind, inputs]))
    .digest("hex");
}

/**
 * The value as plain JSON without any property `path`, for keys: where media files are differs from film to film, and
 * the hash of their content is next to the path.
 */
export function withoutPaths(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (name, part: unknown) => (name === "path" ? undefined : part)));
}
