/** A dot, a slash or a backslash that is percent-encoded, once or several times over. */
const encodedSign = /%(?:25)*(2e|2f|5c)/gi;
const signs: Readonly<Record<string, string>> = { "2e": ".", "2f": "/", "5c": "\\" };

/**
 * Whether a part of a path is something else than one name once it is decoded, by whoever decodes it how often: `.` or
 * `..`, or with a slash or a backslash in it. What looks like a file of one folder would be a file of another.
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
 * The same of a reference as it is written: parsers of URLs resolve dots, turn backslashes into slashes and drop line
 * ends before anyone sees them.
 *
 * @param reference a URL, a path that begins with `/`, or a bare `bucket/path`
 */
export function hasDisguisedPath(reference: string): boolean {
  const text = reference.replaceAll(/[\t\n\r]/g, "");
  const [origin] = /^[a-z][a-z\d+.-]*:[/\\]*[^/\\?#]*/i.exec(text) ?? [];
  // A bare name may have ? and # in it.
  const isAddress = origin !== undefined || /^\/(?:[^?#]*\/)?storage\/v1\//.test(text);
  const path = text.slice(origin?.length ?? 0);
  return isDisguised(isAddress ? path.replace(/[?#].*$/s, "") : path);
}
