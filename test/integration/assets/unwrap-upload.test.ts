import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import sharp from "sharp";
import { expect, it } from "vitest";

import { createFetcher } from "../../../dist/assets/fetch/create-fetcher.js";
import { createChance } from "../../fuzz/random.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();

const { signal } = new AbortController();

async function fetchFile(name: string, bytes: Buffer) {
  await writeFile(path.join(folder, name), bytes);
  const fetcher = createFetcher({ objects: null, allowedHosts: [], ownOrigin: null, relativeTo: folder });
  const target = path.join(folder, `${name}.fetched`);
  const fetched = await fetcher.fetch(`./${name}`, target, signal);
  return { ...fetched, bytes: await readFile(target) };
}

/** Makes a picture that is longer than one read, so that the end of the form can be anywhere in a read. */
async function longPicture(): Promise<Buffer> {
  const pixels = createChance(3).bytes(900 * 600 * 3);
  return await sharp(pixels, { raw: { width: 900, height: 600, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
}

const wrap = (inner: Buffer | string, encoding = "") =>
  Buffer.concat([
    Buffer.from(`--b\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n${encoding}\r\n`),
    Buffer.from(inner),
    Buffer.from("\r\n--b--\r\n"),
  ]);

it.each<[string, (picture: Buffer) => Buffer]>([
  ["as it is", (picture) => picture],
  ["in a form", wrap],
  [
    "in a form, in base64",
    (picture) => wrap(picture.toString("base64"), "Content-Transfer-Encoding: base64\r\n"),
  ],
  ["behind a line break", (picture) => Buffer.concat([Buffer.from("\r\n"), picture])],
  ["as an address", (picture) => Buffer.from(`data:image/png;base64,${picture.toString("base64")}`)],
])("unwraps a file that was sent %s", async (what, send) => {
  const picture = await longPicture();
  const fetched = await fetchFile(what.replaceAll(/\W/g, "-"), send(picture));
  expect(fetched.bytes.equals(picture)).toBe(true);
  expect(fetched.sizeBytes).toBe(picture.length);
  expect(fetched.sha256).toBe(createHash("sha256").update(picture).digest("hex"));
  expect((await readdir(folder)).filter((name) => name.endsWith(".inside"))).toEqual([]);
});

it("rejects a form with an empty file as empty", async () => {
  await expect(fetchFile("empty", wrap(""))).rejects.toMatchObject({ code: "media-empty" });
});
