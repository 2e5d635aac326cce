import { createHash } from "node:crypto";

/**
 * The name of a cache entry: a hash of all that determines its content, but for the code that makes it.
 * @param kind what the entry is; keys of different kinds never meet
 * @param inputs plain JSON values; objects with their properties always in the same order
 * @returns sha256, 64 hex digits
 */
export function cacheKey(kind: string, inputs: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify([kind, inputs]))
    .digest("hex");
}
