import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { AV_LOG_ERROR } from "node-av/constants";
import { Log } from "node-av/lib";
import { beforeAll, describe, expect, it } from "vitest";

import { measureMedia } from "./read-media.js";
import { writeTestMedia } from "./write-test-media.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();
beforeAll(async () => {
  Log.setLevel(AV_LOG_ERROR);
});

/** An alias of the Macintosh for a file beside this one, as QuickTime's data references have it (`alis`). */
function alias(file: string): Buffer {
  const name = Buffer.from(path.basename(file), "latin1");
  const place = Buffer.from(file, "latin1");
  const even = Buffer.concat([place, Buffer.alloc(place.length % 2)]);
  const record = Buffer.alloc(150);
  record.writeUInt8(name.length, 10 + 28 + 12);
  name.copy(record, 10 + 28 + 12 + 1);
  record.writeInt16BE(1, 10 + 28 + 12 + 64 + 16);
  record.writeInt16BE(1, 10 + 28 + 12 + 64 + 18);
  const entry = Buffer.alloc(4);
  entry.writeInt16BE(2, 0);
  entry.writeUInt16BE(place.length, 2);
  const end = Buffer.from([0xff, 0xff, 0, 0]);
  const body = Buffer.concat([Buffer.alloc(4), record, entry, even, end]);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.write("alis", 4, "latin1");
  return Buffer.concat([head, body]);
}

/** Puts the alias in the place of the first track's reference to its own file; the index follows the media. */
function refer(mov: Buffer, file: string): Buffer {
  const added = alias(file);
  const at = mov.indexOf("url ", mov.indexOf("dref")) - 4;
  for (const box of ["moov", "trak", "mdia", "minf", "dinf", "dref"]) {
    const size = mov.lastIndexOf(box, at) - 4;
    mov.writeUInt32BE(mov.readUInt32BE(size) + added.length - 12, size);
  }
  return Buffer.concat([mov.subarray(0, at), added, mov.subarray(at + 12)]);
}

describe("a media file that refers to another file", () => {
  it("is read without opening the other file", async () => {
    const other = path.join(folder, "other.mov");
    await writeTestMedia(other, { container: "mov", video: { encoder: "libx264" } });
    const bytes = await readFile(other);
    const file = path.join(folder, "referring.mov");
    await writeFile(file, refer(bytes, other));
    await expect(measureMedia(file, folder)).rejects.toMatchObject({ code: "media-nothing-inside" });
  });
});
