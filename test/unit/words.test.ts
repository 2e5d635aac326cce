import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

/** Words that have no right use here, and what to write instead. The names of identifiers are read as words too. */
const banned: readonly (readonly [words: RegExp, instead: string])[] = [
  [/\b(?:mend|mends|mended|mending)\b/, "fix, correct"],
  [/\banew\b/, "again"],
  [/\bwho(?:m)?ever\b/, "anyone who, those who"],
  [/\bby and by\b/, "gradually"],
  [/\bmeanwhile\b/, "in the meantime, while …"],
  [/\bbeforehand\b/, "before"],
  [/\b(?:lest|whilst|hitherto|hence|thereof|wherein|whence)\b/, "so that … not, while, until now, …"],
  [/\bhas it that\b/, "says that"],
  [/\bhad from\b/, "received from"],
  [/\b(?:lie|lies|lay) in\b/, "is in, are in"],
  [/\bof ours\b/, "our …"],
  [/\bpatience\b/, "deadline, retry budget"],
  [/\b(?:insist|insists|insisted)\b/, "retry until the deadline"],
  [/\b(?:bury|buries|buried|grave|graves)\b/, "dead letter, trash"],
  [/\bjourneys?\b/, "upload state"],
  [/\b(?:puzzle|puzzles|puzzled|puzzling)\b/, "inconsistent replies"],
  [/\b(?:go rounds?|go-rounds?)\b/, "loop, iteration"],
  [/\b(?:darkrooms?|easels?)\b/, "decode on demand; drawing context"],
  [/\binks?\b/, "text colour, visible pixels"],
  [/\bhear (?:messages?|speech|words)\b/, "transcribe"],
  [/\bstrangers?\b/, "contributor; untrusted text, user content"],
  [/\brefusals?\b/, "rejection, pause reason, error response"],
  [/\bforeign\b(?! (?:keys?|servers?|tables?|data)\b)/, "third-party"],
];
/** Identifiers that say it in another way than the rest of the code. */
const bannedNames: readonly (readonly [names: RegExp, instead: string])[] = [
  [/\bmost[A-Z]\w*/, "max…"],
  [/\bleast(?!Used|Recent)[A-Z]\w*/, "min…"],
  [/\bsideBySide\w*/, "mapConcurrent"],
];

const files = ["src", "sql", "docs", "tools", "scripts", "findings", "examples", "test"].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(?:c?ts|mjs|sql|md|sh)$/.test(name) && !name.endsWith("words.test.ts"))
    .map((name) => path.posix.join(folder, name)),
);

/** `openPatience` and `open_patience` are the words "open patience". */
function toWords(text: string): string {
  return text
    .replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, " ")
    .replaceAll("_", " ")
    .toLowerCase();
}

/** @returns each banned word of a text, with its line and what to write instead */
function findBanned(text: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    const words = toWords(line);
    return [
      ...banned.map(([pattern, instead]) => [pattern.exec(words)?.[0], instead] as const),
      ...bannedNames.map(([pattern, instead]) => [pattern.exec(line)?.[0], instead] as const),
    ].flatMap(([found, instead]) =>
      found === undefined ? [] : [`${index + 1}: not "${found}", but ${instead}`],
    );
  });
}

it("uses plain words in sources, SQL, docs, scripts, findings, examples, tests and the pages at the root", () => {
  const pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
  const found = [...pages, ...files].flatMap((file) => findBanned(read(file)).map((hit) => `${file}:${hit}`));
  expect(found).toEqual([]);
});

it.each([
  "openPatience(",
  "keepsake.bury_job",
  "made anew",
  "Whoever asks",
  "mostBytes = 3",
  "a BY AND BY b",
])("finds a banned word in %s", (text) => {
  expect(findBanned(`one line\n${text}`)).toEqual([expect.stringMatching(/^2: not ".+", but .+/)]);
});

it.each([
  "foreign key",
  "pg_foreign_server",
  "leastRecentFirst",
  "at most 3",
  "mendelian",
  "power of two",
  "a journeyman",
])("accepts %s", (text) => {
  expect(findBanned(text)).toEqual([]);
});
