import { parseRows } from "../../dist/capsule/parse-rows.js";
import type { CapsuleContent } from "../../dist/capsule/content.js";

/** A message holds so many characters of a file, or one line that is longer. */
const mostCharacters = 2000;
const longestName = 200;

/**
 * The lines of a file as people's messages: its words in turn, each message under the name of one of its lines.
 *
 * @param most messages; where there would be more, they are taken from all over the file
 * @throws KeepsakeError as `parseRows`
 */
export function wordsCapsule(text: string, most: number): CapsuleContent {
  const pieces = splitLines(text);
  const step = Math.max(1, pieces.length / most);
  const chosen = Array.from(
    { length: Math.min(most, pieces.length) },
    (_, index) => pieces[Math.floor(index * step)] ?? "",
  );
  const capsule = { id: "00000000-0000-4000-8000-000000000000", status: "closed", title: null };
  const rows = chosen.map((words, index) => ({
    id: index + 1,
    content_text: words,
    contributor_name: words.split("\n").find((line) => line.length <= longestName) ?? null,
  }));
  return parseRows(capsule, rows);
}

function splitLines(text: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const line of text.split(/\r?\n/)) {
    if (piece !== "" && piece.length + line.length > mostCharacters) {
      pieces.push(piece);
      piece = "";
    }
    piece = piece === "" ? line : `${piece}\n${line}`;
  }
  return [...pieces, piece].filter((one) => one.trim() !== "");
}
