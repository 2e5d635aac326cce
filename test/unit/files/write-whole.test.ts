import { open, readFile, type FileHandle } from "node:fs/promises";
import path from "node:path";

import { expect, it } from "vitest";

import { writeWhole } from "../../../dist/files/write-whole.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();

/** A real file that takes three bytes at a time, as a disk does that is nearly full. */
function inShortWrites(file: FileHandle): FileHandle {
  const write = (bytes: Uint8Array, offset: number, length: number, position: number | null) =>
    file.write(bytes, offset, Math.min(3, length), position);
  return { write } as unknown as FileHandle;
}

it("writes all bytes, at the end or at a position, even in short writes", async () => {
  const name = path.join(folder, "file");
  await using file = await open(name, "w");
  const short = inShortWrites(file);
  await writeWhole(short, Buffer.from("0123456789"));
  await writeWhole(short, Buffer.from("abcdefgh"));
  await writeWhole(short, Buffer.from("WXYZ"), 7);
  expect(await readFile(name, "utf8")).toBe("0123456WXYZbcdefgh");
});

it("throws the error of the system", async () => {
  await using file = await open(path.join(folder, "file"), "r");
  await expect(writeWhole(file, Buffer.from("x"))).rejects.toMatchObject({ code: "EBADF" });
});
