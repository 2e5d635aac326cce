import { containsSecret } from "./contains-secret.js";
import { printable } from "../printable.js";

/** Lines that Node and glibc write around the error itself: positions, stacks, carets, versions, hints. */
const surroundings = [
  /^\s*at /,
  /^\s*\^+$/,
  // Native and JavaScript stack frames of an abort.
  /^\s*\d+: /,
  /^\s*[{}[\]),]*$/,
  // Properties of an error that is printed as an object.
  /^\s+\[?[\w\s()]+\]?: /,
  /^-{3,}/,
  /^Node\.js v/,
  /^\(?Use `node /,
  /^(?:file:\/\/|\/|node:)\S*:\d+$/,
];
const namesError = /^(?:Uncaught )?\[?[\w.]*(?:Error|Exception)\b/;
const maxCharacters = 200;

/**
 * The line of a process's standard error that best explains its end: the last one that names an error, else the last one
 * that is not part of a stack. It is at most 200 characters long and safe to show in a terminal.
 *
 * @param tail the end of the output of the process
 * @returns null when no line is useful, or the line must not be shown
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
