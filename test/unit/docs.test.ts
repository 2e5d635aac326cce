import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

import * as limits from "../../dist/capsule/limits.js";
import { errorFaults } from "../../dist/errors.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (file: string) => readFileSync(`${root}${file}`, "utf8");

it("lists every error code once in docs/errors.md, with its fault", () => {
  const listed = [...read("docs/errors.md").matchAll(/^\| `([a-z\d-]+)` +\| (\w+)/gm)].map((row) => [
    row[1],
    row[2],
  ]);
  expect(Object.fromEntries(listed)).toEqual(errorFaults);
  const codes = listed.map(([code]) => code);
  expect(codes).toEqual([...new Set(codes)]);
});

const written = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "examples/README.md",
  "bench/results/README.md",
  ...["docs", "docs/decisions"].flatMap((folder) =>
    readdirSync(`${root}${folder}`)
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${folder}/${name}`),
  ),
];

it.each(written)("has no line twice and no gap in a list in %s", (file) => {
  const text = read(file);
  const lines = text.split("\n").filter((line) => line.length > 60 && !line.startsWith("| --"));
  expect(lines.filter((line, index) => lines.indexOf(line) !== index)).toEqual([]);
  expect(text).not.toMatch(/^- .*\n(?: {2}.*\n)*\n- /m);
});

it("shows the current settings in the README and in docs/settings.md", () => {
  const check = spawnSync(process.execPath, [`${root}scripts/write-docs.mjs`, "--check"], {
    encoding: "utf8",
  });
  expect(check.stderr).toBe("");
  expect(check.status).toBe(0);
});

it("lists every command in the README and every runtime dependency in ARCHITECTURE.md", () => {
  const commands = [...read("src/cli.ts").matchAll(/^ +(\w+): async/gm)].map((match) => match[1]);
  expect(commands.length).toBeGreaterThan(5);
  const readme = read("README.md");
  expect(commands.filter((command) => !readme.includes(`keepsake ${command}`))).toEqual([]);
  const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
  for (const name of Object.keys(dependencies)) {
    // Font packages are listed by the scope that publishes them.
    const listed = name.replace(/^(@fontsource(?:-variable)?|@expo-google-fonts)\/.*$/, "$1/*");
    expect(read("ARCHITECTURE.md")).toContain(`\`${listed}\``);
  }
});

it("lists in docs/limits.md every limit with its number", () => {
  const told = read("docs/limits.md");
  const { columnLimits: _byColumn, maxDateCharacters: _ofDates, ...numbers } = limits;
  for (const [name, number] of Object.entries(numbers)) {
    expect(told, name).toContain(`| ${number.toLocaleString("en")}`);
  }
});

it("names an existing test for every guard of the threat model but one", () => {
  const [, table = ""] = /## Threat model\n(.*?)\n## /s.exec(read("docs/security.md")) ?? [];
  const rows = table.split("\n").filter((line) => line.startsWith("| ") && !/^\| (who +\||--)/.test(line));
  expect(rows.length).toBeGreaterThan(20);
  const untested = rows.filter((row) => {
    const tests = [...row.matchAll(/`(test\/[^`]+)`/g)].map(([, file = ""]) => file);
    for (const file of tests) expect(existsSync(`${root}${file}`), file).toBe(true);
    return tests.length === 0;
  });
  expect(untested).toHaveLength(1);
  expect(untested[0]).toContain("robs an operator");
});

it.each(written)("names only files that exist in %s", (file) => {
  const named = [...read(file).matchAll(/`((?:src|sql|test|tools|scripts|docs|examples|bench)\/[\w./-]+)`/g)];
  const missing = named
    .map(([, name = ""]) => name)
    // A migration may be named by its number alone.
    .filter((name) => !existsSync(`${root}${name}`) && !/^sql\/\d{3}$/.test(name));
  expect(missing).toEqual([]);
});

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
const anchorsIn = (file: string): string[] =>
  [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));

it.each(written)("links only to what exists, in %s", (file) => {
  const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)|src="([^"]+)"/g)];
  const missing = links.flatMap(([link, target = "", anchor = "", image = ""]) => {
    const place = path.posix.join(path.posix.dirname(file), target || image);
    const page = target === "" && image === "" ? file : place;
    if (!existsSync(`${root}${page}`)) return [link];
    return anchor === "" || anchorsIn(page).includes(anchor) ? [] : [link];
  });
  expect(missing).toEqual([]);
});

it("names every folder of src/ in ARCHITECTURE.md, and explains at most 25 words there", () => {
  const text = read("ARCHITECTURE.md");
  const folders = readdirSync(`${root}src`, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).filter((name) => !text.includes(`\`${name}/\``))).toEqual([]);
  const [, words = ""] = /## Words\n(.*?)\n## /s.exec(text) ?? [];
  const rows = words.split("\n").filter((line) => line.startsWith("| ") && !/^\| (word|--)/.test(line));
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.length).toBeLessThanOrEqual(25);
});

it("names a main path of files that exist in ARCHITECTURE.md", () => {
  const [, line = ""] = /## Main path\n(.*?)\n## /s.exec(read("ARCHITECTURE.md")) ?? [];
  const files = [...line.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => `src/${name}`);
  expect(files).toHaveLength(6);
  expect(files.filter((file) => !existsSync(`${root}${file}`))).toEqual([]);
});

it("keeps the README under 150 lines before its reference part", () => {
  expect(read("README.md").split("## Commands")[0]?.split("\n").length).toBeLessThanOrEqual(150);
});

it("runs every command of the README in a test of the built program, and every script of npm's that it names exists", () => {
  const readme = read("README.md");
  const tests = [...readdirSync(`${root}test/e2e`), "../../scripts/test-nodes.mjs"]
    .filter((name) => /\.m?[jt]s$/.test(name))
    .map((name) => read(`test/e2e/${name}`))
    .join("\n");
  const commands = new Set([...readme.matchAll(/`(?:npx )?keepsake (\w+)/g)].map(([, name = ""]) => name));
  expect(commands.size).toBeGreaterThan(10);
  expect([...commands].filter((name) => !tests.includes(`"${name}"`))).toEqual([]);
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name = ""]) => name);
  expect(["test", ...named].filter((name) => !(name in scripts))).toEqual([]);
});

it("lists each change once in CHANGELOG.md", () => {
  const entries = read("CHANGELOG.md")
    .split(/^(?=- |#)/m)
    .filter((entry) => entry.startsWith("- "))
    .map((entry) => entry.trim());
  expect(entries.length).toBeGreaterThan(50);
  expect(entries.filter((entry, index) => entries.indexOf(entry) !== index)).toEqual([]);
});
