import { containsSecret } from "./contains-secret.js";
import { printable } from "../printable.js";

/** What Node and glibc write around the line that says what happened: places, stacks, carets, versions, hints. */
const surroundings = [
  /^\s*at /,
  /^\s*\^+$/,
  // Native and JavaScript frames of an abort.
  /^\s*\d+: /,
  /^\s*[{}[\]),]*$/,
  // Fields of an error that is printed as an object.
  /^\s+\[?[\w\s()]+\]?: /,
  /^-{3,}/,
  /^Node\.js v/,
  /^\(?Use `node /,
  /^(?:file:\/\/|\/|node:)\S*:\d+$/,
];
const namesError = /^(?:Uncaught )?\[?[\w.]*(?:Error|Exception)\b/;
const maxCharacters = 200;

/**
 * The line of a process's standard error that says best what it ended of: the last one that names an error, else the
 * last one that is no part of a stack. One line, bounded, and safe to show in a terminal.
 *
 * @param tail the end of what it wrote
 * @returns null when it wrote nothing of use, or what must not be shown
 */
export function findErrorLine(tail: string): string | null {
  const lines = tail
    .split("\n")
    .filter((line) => line.trim() !== "" && !surroundings.some((one) => one.test(line)))
    .map((line) => line.trim());
  const line = lines.findLast((one) => namesError.test(one)) ?? lines.at(-1);
  if (line === undefined || containsSecret(line, [])) return null;
  const shown = printable(line);
  return shown.length <= maxCharacters ? shown : `${shown.slice(0, maxCharacters - 1)}…`;
}
