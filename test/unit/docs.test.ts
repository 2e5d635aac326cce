import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

import * as limits from "../../dist/capsule/limits.js";
import { errorFaults } from "../../dist/errors.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (file: string) => readFileSync(`${root}${file}`, "utf8");

it("lists every error code once, each under its fault, and no other", () => {
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
  ...readdirSync(`${root}docs`)
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

it.each(written)("says nothing twice, and leaves no list with a gap, in %s", (file) => {
  const text = read(file);
  const lines = text.split("\n").filter((line) => line.length > 60 && !line.startsWith("| --"));
  expect(lines.filter((line, index) => lines.indexOf(line) !== index)).toEqual([]);
  expect(text).not.toMatch(/^- .*\n(?: {2}.*\n)*\n- /m);
});

it("shows the settings as they are", () => {
  const check = spawnSync(process.execPath, [`${root}scripts/write-docs.mjs`, "--check"], {
    encoding: "utf8",
  });
  expect(check.stderr).toBe("");
  expect(check.status).toBe(0);
});

it("lists every command in the README and every runtime dependency in ARCHITECTURE.md", () => {
  const commands = [...read("src/cli.ts").matchAll(/^ +(\w+): async/gm)].map((match) => match[1]);
  expect(commands.length).toBeGreaterThan(5);
  for (const command of commands) expect(read("README.md")).toContain(`keepsake ${command}`);
  const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
  for (const name of Object.keys(dependencies)) {
    // Of fonts there are many; they stand there by the scope that publishes them.
    const listed = name.replace(/^(@fontsource(?:-variable)?|@expo-google-fonts)\/.*$/, "$1/*");
    expect(read("ARCHITECTURE.md")).toContain(`\`${listed}\``);
  }
});

it("tells the limits as they are", () => {
  const told = read("docs/limits.md");
  const { columnLimits: _byColumn, maxDateCharacters: _ofDates, ...numbers } = limits;
  for (const [name, number] of Object.entries(numbers)) {
    expect(told, name).toContain(`| ${number.toLocaleString("en")}`);
  }
});

it("names a test that exists for every guard of the threat model, and nothing stops nobody but one", () => {
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

it("links only to files that exist", () => {
  for (const file of ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]) {
    for (const [, target = ""] of read(file).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      expect(() => read(target), `${file} links to ${target}`).not.toThrow();
    }
  }
});

it("says each change once in the CHANGELOG", () => {
  const entries = read("CHANGELOG.md")
    .split(/^(?=- |#)/m)
    .filter((entry) => entry.startsWith("- "))
    .map((entry) => entry.trim());
  expect(entries.length).toBeGreaterThan(50);
  expect(entries.filter((entry, index) => entries.indexOf(entry) !== index)).toEqual([]);
});
