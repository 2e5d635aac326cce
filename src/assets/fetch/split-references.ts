import { isNullText } from "../../capsule/null-text.js";

/**
 * Splits the value of a column that should be one reference and may be a list: a JSON array, a PostgreSQL array, or
 * addresses separated by commas, semicolons or line breaks. A comma inside a name does not separate.
 *
 * @returns the references in their order, trimmed; the value itself when it is no list; none for an empty list
 */
export function splitReferences(column: string): readonly string[] {
  const text = column.trim();
  const items = readJsonArray(text) ?? readPostgresArray(text) ?? splitAtSeparators(text);
  return [...new Set((items ?? [text]).map((item) => item.trim()))].filter(
    (item) => item !== "" && !isNullText(item),
  );
}

function readJsonArray(text: string): readonly string[] | null {
  if (!text.startsWith("[")) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value)) return null;
    const items = value.filter((item) => item !== null);
    return items.every((item) => typeof item === "string") ? items : null;
  } catch {
    return null;
  }
}

/** Reads one dimension: `{a,"b \" c",NULL}`. PostgreSQL, "Array Input and Output Syntax". */
function readPostgresArray(text: string): readonly string[] | null {
  if (!text.startsWith("{") || !text.endsWith("}")) return null;
  const inside = text.slice(1, -1);
  if (inside.trim() === "") return [];
  const element = /\s*(?:"((?:[^"\\]|\\.)*)"\s*|([^\s",{}\\][^",{}\\]*))(,|$)/suy;
  const items: string[] = [];
  for (;;) {
    const found = element.exec(inside);
    if (found === null) return null;
    const [, quoted, plain = "", separator] = found;
    if (quoted !== undefined) items.push(quoted.replaceAll(/\\(.)/gsu, "$1"));
    else if (!/^null$/i.test(plain.trim())) items.push(plain);
    if (separator === "") return items;
  }
}

/** Splits a list of whole addresses, or of paths in one bucket that all end like file names. */
function splitAtSeparators(text: string): readonly string[] | null {
  const addresses = text.split(/[,;|\n]\s*(?=https?:\/\/|\/storage\/v1\/)|(?<=\S)\s+(?=https?:\/\/)/i);
  if (addresses.length > 1) return addresses;
  if (/^[a-z][a-z\d+.-]*:/i.test(text)) return null;
  const paths = text
    .split(/[,;|\n]/)
    .map((path) => path.trim())
    .filter((path) => path !== "");
  const [bucket] = paths[0]?.replace(/^\//, "").split("/", 1) ?? [];
  const isList =
    paths.length > 1 &&
    paths.every((path) => {
      const [first, second] = path.replace(/^\//, "").split("/");
      return first === bucket && second !== undefined && /\.[a-z\d]{2,5}$/i.test(path);
    });
  return isList ? paths : null;
}
