import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { hashCode } from "../../../dist/cache/hash-code.js";

let root: string;
const write = async (file: string, text: string): Promise<void> => {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), text);
};
const hash = () => hashCode(path.join(root, "dist"));

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "keepsake-code-"));
  await write("package.json", '{"dependencies": {"encoder": "^1.0.0"}}');
  await write("node_modules/encoder/package.json", '{"version": "1.0.0"}');
  await write("dist/film/draw.js", "draw()");
  await write("dist/kernel.wasm", "kernel");
});
afterEach(() => rm(root, { recursive: true }));

it.each([
  ["our code", "dist/film/draw.js", "drawOtherwise()"],
  ["the kernel", "dist/kernel.wasm", "other"],
  ["a new file of code", "dist/new.js", ""],
  ["the version of a package", "node_modules/encoder/package.json", '{"version": "1.0.1"}'],
])("changes the code hash when %s changes", async (_what, file, text) => {
  const before = await hash();
  await write(file, text);
  expect(await hash()).not.toBe(before);
});

it("does not change the code hash when no code changes", async () => {
  const before = await hash();
  await write("dist/film/draw.js.map", "{}");
  await write("README.md", "words");
  expect(await hash()).toBe(before);
});

it("hashes the built code of this package", async () => {
  expect(await hashCode()).toMatch(/^[\da-f]{64}$/);
});
