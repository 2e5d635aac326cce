import { stripVTControlCharacters } from "node:util";

/** Separates a name from its description. */
const gap = " ".repeat(4);

/**
 * Wraps the text of `--help` to the width of a terminal, because citty does not: descriptions of commands and options are
 * wrapped in their own column. Colours are unchanged.
 */
export function fitUsage(text: string, columns: number): string {
  return text
    .split("\n")
    .flatMap((line) => fitLine(line.trimEnd(), columns))
    .join("\n");
}

function fitLine(line: string, columns: number): string[] {
  if (widthOf(line) <= columns) return [line];
  const [, before = "", name = "", rest = ""] = /^( *)(.*?\S)? {4}(\S.*)$/.exec(line) ?? [];
  const first = name === "" ? "" : before + name + gap;
  const indent = " ".repeat(first === "" ? "USAGE ".length : widthOf(first));
  const lines: string[] = [];
  let current = first;
  let isEmpty = true;
  // A list of commands has no spaces: it may be broken after each bar.
  for (const word of (first === "" ? line : rest).split(/ |(?<=\|)/)) {
    const joint = isEmpty || current.endsWith("|") ? "" : " ";
    if (!isEmpty && widthOf(current + joint + word) > columns) {
      lines.push(current);
      current = indent + word;
    } else current += joint + word;
    isEmpty = false;
  }
  return [...lines, current];
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
