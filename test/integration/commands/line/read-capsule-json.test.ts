import { truncate, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect, it } from "vitest";

import { readCapsuleJson } from "../../../../dist/commands/line/read-capsule-json.js";
import { useFolder } from "../../../use-folder.js";

const good = '{"capsule": {"title": "Grandmother é"}}';

const folder = useFolder();

async function write(bytes: string | Buffer): Promise<string> {
  const file = path.join(folder, "capsule.json");
  await writeFile(file, bytes);
  return file;
}

it.each([
  ["without a byte order mark", Buffer.from(good)],
  ["with one", Buffer.from(`\u{FEFF}${good}`)],
])("reads UTF-8 %s", async (_what, bytes) => {
  expect(await readCapsuleJson(await write(bytes))).toEqual({ capsule: { title: "Grandmother é" } });
});

it.each<[string, string | Buffer, RegExp]>([
  ["UTF-16", Buffer.from(`\u{FEFF}${good}`, "utf16le"), /is in UTF-16: save it in UTF-8/],
  ["Latin-1", Buffer.from(good, "latin1"), /is not in UTF-8/],
  ["no JSON", `{"capsule":\n{"title": "Grandmother"\n"x": 1}}`, /is not valid JSON: line 3/],
  ["words", "Grandmother", /is not valid JSON/],
  ["nothing", "", /is not valid JSON/],
  ["a number", "7", /does not contain an object/],
])("rejects %s with a message that quotes nothing", async (_what, bytes, sentence) => {
  const refused = readCapsuleJson(await write(bytes));
  await expect(refused).rejects.toMatchObject({ code: "capsule-file-unreadable" });
  await expect(refused).rejects.toThrow(sentence);
  await expect(refused).rejects.not.toThrow(/Grandmother/);
});

it("rejects a folder, a missing file, and a file that is too large, without reading it", async () => {
  await expect(readCapsuleJson(folder)).rejects.toThrow("is not a file");
  await expect(readCapsuleJson(path.join(folder, "none.json"))).rejects.toThrow("cannot be read (ENOENT)");
  const file = await write("{}");
  await truncate(file, 64 * 2 ** 20 + 1);
  await expect(readCapsuleJson(file)).rejects.toThrow("is larger than 64 MiB");
});
