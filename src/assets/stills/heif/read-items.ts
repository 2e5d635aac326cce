/**
 * Reads the items of a HEIF file (ISO/IEC 23008-12, and 14496-12, 8.11): pictures, tiles, maps and metadata, with their
 * properties and references. Nothing is decoded.
 */
import { KeepsakeError } from "../../../errors.js";
import { createBoxReader, findBox, readBoxes, type Box, type BoxReader } from "../../../mp4/boxes.js";

export interface HeifItem {
  readonly id: number;
  /** Four characters: `hvc1`, `av01`, `grid`, … */
  readonly type: string;
  /** Properties in the order in which they apply. */
  readonly properties: readonly Box[];
  /** Finds the first property of this type. */
  readonly property: (type: string) => Box | null;
  /** Ids of other items by the type of the reference to them. */
  readonly refersTo: (type: string) => readonly number[];
}

export interface HeifItems {
  readonly primaryId: number;
  readonly items: ReadonlyMap<number, HeifItem>;
  /** @throws KeepsakeError `media-damaged` when a part of the item is beyond the end of the file */
  readonly readItem: (id: number) => Buffer;
}

/** No camera writes more: 200 megapixels in tiles of 512 pixels are 800 items. */
const maxItems = 70_000;

interface Extent {
  readonly start: number;
  readonly length: number;
}

/** @throws KeepsakeError `media-damaged` */
export function readItems(file: Buffer): HeifItems {
  const meta = findBox(file, { start: 0, end: file.length }, "meta");
  if (meta === null)
    throw new KeepsakeError("media-damaged", "The photo is incomplete: its description is missing.");
  const body = { start: meta.start + 4, end: meta.end };
  const find = (type: string): Box | null => findBox(file, body, type);
  const primary = find("pitm");
  if (primary === null)
    throw new KeepsakeError("media-damaged", "The photo does not say which picture it shows.");
  const reader = createBoxReader(file, primary);
  const primaryId = fullBox(reader).version === 0 ? reader.uint(2) : reader.uint(4);
  const types = readTypes(file, find("iinf"));
  const properties = readProperties(file, find("iprp"));
  const references = readReferences(file, find("iref"));
  const locations = readLocations(file, find("iloc"), find("idat"));
  const items = new Map<number, HeifItem>();
  for (const [id, type] of types) {
    const own = properties.get(id) ?? [];
    const others = references.get(id) ?? [];
    items.set(id, {
      id,
      type,
      properties: own,
      property: (wanted) => own.find((box) => box.type === wanted) ?? null,
      refersTo: (wanted) => others.flatMap((reference) => (reference.type === wanted ? reference.ids : [])),
    });
  }
  return { primaryId, items, readItem };

  function readItem(id: number): Buffer {
    const extents = locations.get(id) ?? [];
    let total = 0;
    for (const { start, length } of extents) {
      total += length;
      if (start + length > file.length || total > file.length) {
        throw new KeepsakeError("media-damaged", "The photo is incomplete: its end is missing.");
      }
    }
    const parts = extents.map(({ start, length }) => file.subarray(start, start + length));
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  }
}

function tooMany(): KeepsakeError {
  return new KeepsakeError("media-limit-exceeded", "The photo is made up of too many parts.");
}

function fullBox(reader: BoxReader): { version: number; flags: number } {
  return { version: reader.uint(1), flags: reader.uint(3) };
}

function readTypes(file: Buffer, box: Box | null): Map<number, string> {
  const types = new Map<number, string>();
  if (box === null) return types;
  const reader = createBoxReader(file, box);
  const { version } = fullBox(reader);
  reader.skip(version === 0 ? 2 : 4);
  for (const entry of readBoxes(file, reader.at, box.end)) {
    if (entry.type !== "infe") continue;
    const info = createBoxReader(file, entry);
    const { version: infoVersion } = fullBox(info);
    if (infoVersion < 2) continue;
    const id = info.uint(infoVersion === 2 ? 2 : 4);
    info.skip(2);
    types.set(id, info.text(4));
    if (types.size > maxItems) throw tooMany();
  }
  return types;
}

/** Reads iprp: ipco has the properties, and ipma assigns them to items by numbers that start at one. */
function readProperties(file: Buffer, box: Box | null): Map<number, Box[]> {
  const byItem = new Map<number, Box[]>();
  const container = box === null ? null : findBox(file, box, "ipco");
  if (box === null || container === null) return byItem;
  const all = [...readBoxes(file, container.start, container.end)];
  for (const association of readBoxes(file, box.start, box.end)) {
    if (association.type !== "ipma") continue;
    const reader = createBoxReader(file, association);
    const { version, flags } = fullBox(reader);
    const wide = (flags & 1) === 1;
    for (let count = reader.uint(4); count > 0; count -= 1) {
      const id = reader.uint(version === 0 ? 2 : 4);
      const list = byItem.get(id) ?? [];
      for (let left = reader.uint(1); left > 0; left -= 1) {
        const index = wide ? reader.uint(2) & 0x7fff : reader.uint(1) & 0x7f;
        const property = all[index - 1];
        if (property !== undefined) list.push(property);
      }
      byItem.set(id, list);
    }
  }
  return byItem;
}

interface Reference {
  readonly type: string;
  readonly ids: readonly number[];
}

function readReferences(file: Buffer, box: Box | null): Map<number, Reference[]> {
  const references = new Map<number, Reference[]>();
  if (box === null) return references;
  const reader = createBoxReader(file, box);
  const idBytes = fullBox(reader).version === 0 ? 2 : 4;
  for (const entry of readBoxes(file, reader.at, box.end)) {
    const list = createBoxReader(file, entry);
    const from = list.uint(idBytes);
    const ids = Array.from({ length: list.uint(2) }, () => list.uint(idBytes));
    const known = references.get(from);
    if (known === undefined) references.set(from, [{ type: entry.type, ids }]);
    else known.push({ type: entry.type, ids });
  }
  return references;
}

const inFile = 0;
const inItemData = 1;

/** Reads offsets from the beginning of the file. Items in other files have none. */
function readLocations(file: Buffer, box: Box | null, itemData: Box | null): Map<number, Extent[]> {
  const locations = new Map<number, Extent[]>();
  if (box === null) return locations;
  const reader = createBoxReader(file, box);
  const { version } = fullBox(reader);
  const sizes = reader.uint(2);
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexBytes = version === 0 ? 0 : sizes & 15;
  const numberBytes = version < 2 ? 2 : 4;
  let extentCount = 0;
  for (let count = reader.uint(numberBytes); count > 0; count -= 1) {
    const id = reader.uint(numberBytes);
    const method = version === 0 ? inFile : reader.uint(2) & 15;
    // Any other number means data in another file.
    const isHere = reader.uint(2) === 0;
    const base = reader.uint(baseBytes) + (method === inItemData ? (itemData?.start ?? Infinity) : 0);
    const extents: Extent[] = [];
    for (let left = reader.uint(2); left > 0; left -= 1) {
      extentCount += 1;
      if (extentCount > maxItems) throw tooMany();
      reader.skip(indexBytes);
      const start = base + reader.uint(offsetBytes);
      const length = reader.uint(lengthBytes);
      extents.push({ start, length: length === 0 ? file.length - start : length });
    }
    if (isHere && (method === inFile || method === inItemData)) locations.set(id, extents);
  }
  return locations;
}
