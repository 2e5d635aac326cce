/** A dot, a slash or a backslash that is percent-encoded, once or several times. */
const encodedSign = /%(?:25)*(2e|2f|5c)/gi;
const signs: Readonly<Record<string, string>> = { "2e": ".", "2f": "/", "5c": "\\" };

/**
 * Whether a segment of a path turns into something else than one name when it is decoded any number of times: `.`, `..`,
 * or a name with a slash or a backslash. A path that looks like a file of one folder would then lead to another folder.
 *
 * @param path names with slashes between them, encoded or not
 */
export function isDisguised(path: string): boolean {
  return path.split("/").some((part) => {
    const name = part.replaceAll(encodedSign, (_, sign: string) => signs[sign.toLowerCase()] ?? "");
    return name === "." || name === ".." || /[/\\]/.test(name);
  });
}

/**
 * Applies `isDisguised` to a reference as it is written: URL parsers resolve dots, turn backslashes into slashes and drop
 * line ends, so the parsed URL would hide them.
 *
 * @param reference a URL, a path that begins with `/`, or a bare `bucket/path`
 */
export function hasDisguisedPath(reference: string): boolean {
  const text = reference.replaceAll(/[\t\n\r]/g, "");
  const [origin] = /^[a-z][a-z\d+.-]*:[/\\]*[^/\\?#]*/i.exec(text) ?? [];
  // The name in a bare `bucket/path` may contain ? and #.
  const isAddress = origin !== undefined || /^\/(?:[^?#]*\/)?storage\/v1\//.test(text);
  const path = text.slice(origin?.length ?? 0);
  return isDisguised(isAddress ? path.replace(/[?#].*$/s, "") : path);
}
