import { KeepsakeError } from "../../../errors.js";
import type { StillLayer } from "../../../media/pictures/still-layer.js";
import { checkPixels } from "../check-pixels.js";
import { createBoxReader } from "../../../mp4/boxes.js";
import { codedColoursOf, sizeOf } from "./properties.js";
import type { HeifItem, HeifItems } from "./read-items.js";

export interface HeifFile extends HeifItems {
  readonly file: Buffer;
}

interface Codec {
  readonly codec: StillLayer["codec"];
  /** Type of the property with the configuration of the decoder. */
  readonly property: string;
}

const codecs: Readonly<Record<string, Codec>> = {
  hvc1: { codec: "hevc", property: "hvcC" },
  av01: { codec: "av1", property: "av1C" },
  avc1: { codec: "h264", property: "avcC" },
  jpeg: { codec: "jpeg", property: "jpgC" },
};

/** Tiles may extend beyond the right and lower edge. A larger excess over the picture's own pixels is an attack. */
const maxTileExcess = 4;

/**
 * Reads one picture of a HEIF file, whole or in tiles, for decoding.
 *
 * @throws KeepsakeError `media-damaged`, `media-codec-unsupported`, `media-limit-exceeded`
 */
export function readLayer(heif: HeifFile, item: HeifItem, maxPixels: number): StillLayer {
  const { file } = heif;
  if (item.type === "grid") return readGrid(heif, item, maxPixels);
  const { width, height } = sizeOf(file, item);
  checkPixels(width, height, maxPixels);
  return {
    ...setupOf(file, item),
    width,
    height,
    columns: 1,
    tiles: [heif.readItem(item.id)],
    tileWidth: width,
    tileHeight: height,
    colours: codedColoursOf(file, item),
  };
}

/** Reads a picture of tiles (ISO/IEC 23008-12, 6.6.2.3.2). */
function readGrid(heif: HeifFile, item: HeifItem, maxPixels: number): StillLayer {
  const { file, items } = heif;
  const data = heif.readItem(item.id);
  const reader = createBoxReader(data, { start: 0, end: data.length });
  reader.skip(1);
  const numberBytes = (reader.uint(1) & 1) === 1 ? 4 : 2;
  const [rows, columns] = [reader.uint(1) + 1, reader.uint(1) + 1];
  const [width, height] = [reader.uint(numberBytes), reader.uint(numberBytes)];
  checkPixels(width, height, maxPixels);
  const tiles = item.refersTo("dimg").map((id) => items.get(id));
  const [first] = tiles;
  if (first === undefined || tiles.length !== rows * columns) {
    throw new KeepsakeError("media-damaged", "The photo is damaged: some of its tiles are missing.");
  }
  const setup = setupOf(file, first);
  const { width: tileWidth, height: tileHeight } = sizeOf(file, first);
  const covers = columns * tileWidth >= width && rows * tileHeight >= height;
  const tilePixels = rows * columns * tileWidth * tileHeight;
  if (!covers || tilePixels > maxTileExcess * Math.max(width * height, tileWidth * tileHeight)) {
    throw new KeepsakeError("media-damaged", "The photo is damaged: its tiles do not make up its size.");
  }
  let tileBytes = 0;
  const readTile = (tile: HeifItem | undefined): Buffer => {
    if (tile === undefined || !isSame(setup, setupOf(file, tile))) {
      throw new KeepsakeError("media-codec-unsupported", "The photo is made up of tiles of different kinds.");
    }
    const bytes = heif.readItem(tile.id);
    tileBytes += bytes.length;
    if (tileBytes > file.length)
      throw new KeepsakeError("media-damaged", "The photo is damaged: its tiles are larger than itself.");
    return bytes;
  };
  return {
    ...setup,
    width,
    height,
    columns,
    tiles: tiles.map(readTile),
    tileWidth,
    tileHeight,
    colours: codedColoursOf(file, item) ?? codedColoursOf(file, first),
  };
}

type Setup = Pick<StillLayer, "codec" | "config">;

function setupOf(file: Buffer, item: HeifItem): Setup {
  const known = codecs[item.type];
  if (known === undefined) {
    throw new KeepsakeError(
      "media-codec-unsupported",
      `The photo has a coding (${item.type.replace(/[^\w ]/g, "?")}) that is not supported.`,
    );
  }
  const box = item.property(known.property);
  const config = box === null ? null : file.subarray(box.start, box.end);
  if (config === null && known.codec === "hevc")
    throw new KeepsakeError(
      "media-damaged",
      "The photo is damaged: it has no configuration for the decoder.",
    );
  return { codec: known.codec, config };
}

function isSame(one: Setup, other: Setup): boolean {
  if (one.codec !== other.codec || one.config === null || other.config === null) {
    return one.codec === other.codec && one.config === other.config;
  }
  return one.config.equals(other.config);
}
