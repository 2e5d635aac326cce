import { parseRows } from "../../dist/capsule/parse-rows.js";
import type { CapsuleContent } from "../../dist/capsule/content.js";

/** Maximum length of a message, unless one line is longer. */
const maxCharacters = 2000;
const maxNameLength = 200;

/**
 * Makes a capsule of the lines of a file: each message has some of them as its text, and one of them as its name.
 *
 * @param maxMessages where there would be more, messages are chosen from all over the file
 * @throws KeepsakeError those of `parseRows`
 */
export function textCapsule(text: string, maxMessages: number): CapsuleContent {
  const pieces = splitLines(text);
  const step = Math.max(1, pieces.length / maxMessages);
  const chosen = Array.from(
    { length: Math.min(maxMessages, pieces.length) },
    (_, index) => pieces[Math.floor(index * step)] ?? "",
  );
  const capsule = { id: "00000000-0000-4000-8000-000000000000", status: "closed", title: null };
  const rows = chosen.map((words, index) => ({
    id: index + 1,
    content_text: words,
    contributor_name: words.split("\n").find((line) => line.length <= maxNameLength) ?? null,
  }));
  return parseRows(capsule, rows);
}

function splitLines(text: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const line of text.split(/\r?\n/)) {
    if (piece !== "" && piece.length + line.length > maxCharacters) {
      pieces.push(piece);
      piece = "";
    }
    piece = piece === "" ? line : `${piece}\n${line}`;
  }
  return [...pieces, piece].filter((one) => one.trim() !== "");
}
