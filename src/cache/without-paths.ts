/**
 * The same value as plain JSON, without the paths in it: where media lie differs from film to film, and the hash of
 * their bytes stands beside their path.
 */
export function withoutPaths(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (name, part: unknown) => (name === "path" ? undefined : part)));
}
