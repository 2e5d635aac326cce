import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { AV_LOG_ERROR } from "node-av/constants";
import { Log } from "node-av/lib";
import { beforeAll, describe, expect, it } from "vitest";

import { element, openElement } from "../media/ebml.js";
import { measureMedia } from "../media/read-media.js";
import { writeTestMedia, type TestMedia } from "../media/write-test-media.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();
beforeAll(async () => {
  Log.setLevel(AV_LOG_ERROR);
});

const video = { encoder: "wmv2", width: 64, height: 48 };
const films: Readonly<Record<string, TestMedia>> = {
  wmv: { container: "asf", seconds: 1, video, sound: { encoder: "wmav2" } },
  wma: { container: "asf", seconds: 1, sound: { encoder: "wmav2" } },
  webm: { container: "webm", seconds: 1, sound: { encoder: "libopus", format: "flt" } },
  mp4: { container: "mp4", seconds: 1, video: { encoder: "libx264", width: 64, height: 48 } },
};

const guids = {
  header: "3026b2758e66cf11a6d900aa0062ce6c",
  extension: "b503bf5f2ea9cf118ee300c00c205365",
  content: "fbb3112223bdd211b4b700a0c955fc6e",
  extended: "14e68a292226174cb935dae07ee9289c",
  advanced: "338505438169e6499b74ad12cb86d58c",
};

function asfObject(guid: string, ...content: readonly Buffer[]): Buffer {
  const inside = Buffer.concat(content);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(24 + inside.length));
  return Buffer.concat([Buffer.from(guid, "hex"), size, inside]);
}

/** Puts an object before the others of an ASF file's header. */
function withAsfObject(file: Buffer, object: Buffer): Buffer {
  const changed = Buffer.concat([file.subarray(0, 30), object, file.subarray(30)]);
  changed.writeBigUInt64LE(changed.readBigUInt64LE(16) + BigInt(object.length), 16);
  changed.writeUInt32LE(changed.readUInt32LE(24) + 1, 24);
  return changed;
}

/** A WebM file that consists of a segment of unknown size with one track, which may say that it is encrypted. */
function webmTrack(type: number, ...encodings: readonly Buffer[]): Buffer {
  const track = element(
    "ae",
    element("83", Buffer.from([type])),
    element("d7", Buffer.from([1])),
    ...encodings,
  );
  const docType = element("4282", Buffer.from("webm"));
  return Buffer.concat([element("1a45dfa3", docType), openElement("18538067", element("1654ae6b", track))]);
}

const encryption = element("6d80", element("6240", element("5033", Buffer.from([1])), element("5035")));
const compression = element("6d80", element("6240", element("5033", Buffer.from([0])), element("5034")));
const isProtected = { code: "media-protected", message: "The file is protected against copying." };

async function made(extension: string): Promise<Buffer> {
  const file = path.join(folder, `plain.${extension}`);
  await writeTestMedia(file, films[extension] as TestMedia);
  return await readFile(file);
}

async function seen(name: string, bytes: Buffer): Promise<unknown> {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return await measureMedia(file, folder);
}

describe("rejects a protected file", () => {
  it.each(["wmv", "wma"])("(%s) with an encryption object in its header", async (extension) => {
    const plain = await made(extension);
    const objects = {
      content: asfObject(guids.content, Buffer.alloc(40)),
      extended: asfObject(guids.extended, Buffer.alloc(12)),
      advanced: asfObject(guids.extension, Buffer.alloc(22), asfObject(guids.advanced, Buffer.alloc(8))),
    };
    for (const [name, object] of Object.entries(objects)) {
      await expect(seen(`${name}.${extension}`, withAsfObject(plain, object))).rejects.toMatchObject(
        isProtected,
      );
    }
    const other = asfObject(
      guids.extension,
      Buffer.alloc(22),
      asfObject(guids.header, Buffer.from(guids.content, "hex")),
    );
    await expect(seen(`other.${extension}`, withAsfObject(plain, other))).resolves.toMatchObject({
      remarks: [],
    });
  });

  it("(WebM) with an encrypted track, and not with a compressed one or with text", async () => {
    await expect(seen("encrypted.webm", webmTrack(2, encryption))).rejects.toMatchObject(isProtected);
    for (const [type, encodings] of [
      [2, compression],
      [17, encryption],
    ] as const) {
      // prettier-ignore
      await expect(seen("plain.webm", webmTrack(type, encodings))).rejects.not.toMatchObject(isProtected);
    }
  });

  it.each([
    ["encv", /avc1(?=\0{6})/],
    ["drmi", /avc1(?=\0{6})/],
  ])("(MP4) with a sample entry %s, even if its pictures can be decoded", async (entry, plain) => {
    const bytes = Buffer.from((await made("mp4")).toString("latin1").replace(plain, entry), "latin1");
    await expect(seen(`${entry}.mp4`, bytes)).rejects.toMatchObject(isProtected);
  });
});
