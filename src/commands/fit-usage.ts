import { stripVTControlCharacters } from "node:util";

/** Between a name and what is said of it. */
const gap = " ".repeat(4);

/**
 * The text of `--help` in a terminal: what is said of a command or an option is wrapped in its own column, as the renderer
 * does not know how wide the terminal is. Colours stay where they are.
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
  // A list of commands has no blanks: it may be broken behind each bar.
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
