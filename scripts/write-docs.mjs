// Writes the settings table of the README from src/settings/setting-table.ts (built). `--check` only says whether it is current.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { settingTable } from "../dist/settings/setting-table.js";

const readme = fileURLToPath(new URL("../README.md", import.meta.url));
const begin = "<!-- settings: written by `npm run docs`, checked by a test -->";
const end = "<!-- /settings -->";

const rows = Object.values(settingTable).map(({ env, fallback, meaning }) => [
  `\`${env}\``,
  fallback === null || fallback === "" ? "" : `\`${fallback}\``,
  meaning.replaceAll("|", "\\|"),
]);
const table = [["setting", "default", "meaning"], ...rows];
const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column].length)));
const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
const markdown = [
  line(table[0]),
  `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`,
  ...rows.map(line),
].join("\n");

const text = readFileSync(readme, "utf8");
const written = `${text.slice(0, text.indexOf(begin) + begin.length)}\n\n${markdown}\n\n${text.slice(text.indexOf(end))}`;
if (process.argv.includes("--check")) {
  if (written !== text) {
    console.error("The settings table of README.md is out of date: run npm run docs.");
    process.exit(1);
  }
} else writeFileSync(readme, written);
