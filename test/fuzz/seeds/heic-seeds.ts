import { readFile } from "node:fs/promises";
import path from "node:path";

import { isoGrammar } from "../grammars/iso.js";
import { listParts } from "../part.js";
import { encodeMedia } from "./encode-media.js";
import type { SeedFile } from "./seed-file.js";

const side = 64;

/** Phones' stills (ISO/IEC 23008-12): one picture, and one of two tiles, around a picture that x265 made. */
export async function makeHeicSeeds(folder: string): Promise<SeedFile[]> {
  const film = path.join(folder, "one.mp4");
  const options = { preset: "ultrafast", "x265-params": "log-level=none:bframes=0:keyint=1" };
  await encodeMedia(film, {
    container: "mp4",
    picture: { encoder: "libx265", options, width: side, height: side, frameCount: 2 },
  });
  const parts = isoGrammar.parse(await readFile(film));
  const bodyOf = (type: string): Buffer =>
    listParts(parts).find(({ part }) => part.type === type)?.part.body ?? Buffer.alloc(0);
  const picture = { config: bodyOf("hvcC"), data: bodyOf("mdat") };
  return [
    { name: "turned.heic", kind: "heic", bytes: createHeic(picture, 1) },
    { name: "tiles.heic", kind: "heic", bytes: createHeic(picture, 2) },
  ];
}

interface CodedPicture {
  readonly config: Buffer;
  readonly data: Buffer;
}

/** Creates a HEIC. With more than one tile, the picture is a grid of the same tile. */
function createHeic({ config, data }: CodedPicture, tileCount: number): Buffer {
  const ftyp = box("ftyp", Buffer.from("heic\0\0\0\0mif1heic", "latin1"));
  const dataAt = ftyp.length + 8;
  const isGrid = tileCount > 1;
  const gridItem = tileCount + 1;
  const grid = Buffer.from([0, 0, 0, tileCount - 1, ...u16(side * tileCount), ...u16(side)]);
  const tiles = Array.from({ length: tileCount }, (_, index) => index + 1);
  const items = [
    ...tiles.map((id) => ({
      id,
      type: "hvc1",
      at: dataAt + (id - 1) * data.length,
      size: data.length,
      properties: [0x81, 2],
    })),
    ...(isGrid
      ? [
          {
            id: gridItem,
            type: "grid",
            at: dataAt + tileCount * data.length,
            size: grid.length,
            properties: [3, 0x84],
          },
        ]
      : []),
  ];
  const infes = items.map(({ id, type }) =>
    box("infe", 2, u16(id), u16(0), Buffer.from(`${type}\0`, "latin1")),
  );
  const properties = [
    box("hvcC", config),
    full("ispe", 0, u32(side), u32(side)),
    full("ispe", 0, u32(side * tileCount), u32(side)),
    box("irot", Buffer.from([1])),
    box("colr", Buffer.from("nclx"), u16(12), u16(13), u16(6), Buffer.from([0x80])),
  ];
  const associations = items.map(({ id, properties: own }) => {
    const turned = isGrid && id !== gridItem ? own : [...own, ...(isGrid ? [] : [0x84]), 5];
    return Buffer.from([...u16(id), turned.length, ...turned]);
  });
  const extents = items.map(({ id, at, size }) =>
    Buffer.concat([u16(id), u16(0), u16(1), u32(at), u32(size)]),
  );
  const meta = full(
    "meta",
    0,
    full("hdlr", 0, u32(0), Buffer.from("pict"), Buffer.alloc(13)),
    full("pitm", 0, u16(isGrid ? gridItem : 1)),
    full("iinf", 0, u16(items.length), ...infes),
    ...(isGrid ? [full("iref", 0, box("dimg", u16(gridItem), u16(tileCount), ...tiles.map(u16)))] : []),
    box("iprp", box("ipco", ...properties), full("ipma", 0, u32(items.length), ...associations)),
    full("iloc", 0, Buffer.from([0x44, 0]), u16(items.length), ...extents),
  );
  // Before the boxes that say where it is, so that those may grow.
  return Buffer.concat([ftyp, box("mdat", ...tiles.map(() => data), grid), meta]);
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A number first makes it one with that version. */
function box(type: string, ...content: readonly (Buffer | number)[]): Buffer {
  const body = Buffer.concat(
    content.map((one) => (typeof one === "number" ? Buffer.from([one, 0, 0, 0]) : one)),
  );
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, "latin1"), body]);
}

function full(type: string, version: number, ...content: readonly Buffer[]): Buffer {
  return box(type, version, ...content);
}
