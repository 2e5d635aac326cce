import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

it("imports from lower floors alone, by a table that names every folder of src/ and that the linter follows", () => {
  const check = spawnSync(process.execPath, [`${root}scripts/rooms.mjs`, "--check"], { encoding: "utf8" });
  expect(check.stderr).toBe("");
  expect(check.status).toBe(0);
});

it("keeps at most ten files at the top of src/", () => {
  expect(readdirSync(`${root}src`).filter((name) => name.endsWith(".ts")).length).toBeLessThanOrEqual(10);
});

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "keepsake-lint-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** @returns what the linter says of one file of src/ with these lines, and nothing beside it */
function lint(file: string, lines: readonly string[]): string {
  for (const name of [".oxlintrc.json", ".oxlintrc.rooms.json"])
    cpSync(`${root}${name}`, path.join(folder, name));
  const target = path.join(folder, "src", file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, `${lines.join("\n")}\n`);
  const { stdout } = spawnSync(process.execPath, [`${root}node_modules/oxlint/bin/oxlint`, "-f", "unix"], {
    cwd: folder,
    encoding: "utf8",
  });
  return stdout;
}

it.each([
  ["a higher floor", "queue/probe.ts", 'export type { Worker } from "../worker/run-worker.js";'],
  ["a higher floor by import()", "files/probe.ts", 'export const load = () => import("../http/resume.js");'],
  ["a room of the same folder above it", "film/model/probe.ts", 'export { draw } from "../scenes/draw.js";'],
  [
    "the files beside its own room",
    "film/sound/ambient/probe.ts",
    'export { makeFilm } from "../../make-film.js";',
  ],
  [
    "a room that few may import",
    "storage/probe.ts",
    'export { openDatabase } from "../database/open-database.js";',
  ],
  [
    "a part of a room that is not open",
    "queue/probe.ts",
    'export { migrate } from "../database/migrate.js";',
  ],
  ["a package of another room", "film/plan/probe.ts", 'export { Demuxer } from "node-av/api";'],
  ["the starting of processes", "commands/probe.ts", 'export { spawn } from "node:child_process";'],
])("lets the linter reject the import of %s", (_what, file, line) => {
  expect(lint(file, [line])).toContain("no-restricted-imports");
});

it.each([
  ["a lower floor", "queue/probe.ts", 'export { describeFile } from "../files/describe-file.js";'],
  [
    "files at the top of src/",
    "film/sound/ambient/probe.ts",
    'export { KeepsakeError } from "../../../errors.js";',
  ],
  [
    "a room of another folder with a name like one of its own",
    "film/join/probe.ts",
    'export { format } from "../../media/sound/format.js";',
  ],
  ["the open part of a room", "queue/probe.ts", 'export type { Database } from "../database/database.js";'],
])("lets the linter accept the import of %s", (_what, file, line) => {
  expect(lint(file, [line])).not.toContain("no-restricted-imports");
});
