/** Writes TIFF structures tag by tag (TIFF 6.0), little-endian: pictures, EXIF blocks and cameras' raw files. */

const typeBytes = { 2: 1, 3: 2, 4: 4, 7: 1 } as const;

/** A tag with its numbers or bytes; of `directory` the place of another directory. */
export type TiffTag =
  | { readonly tag: number; readonly type: 3 | 4; readonly values: readonly number[] }
  | { readonly tag: number; readonly type: 2 | 7; readonly bytes: Buffer }
  | { readonly tag: number; readonly directory: readonly TiffTag[] }
  /** Bytes in the file, and the tag with their number. */
  | { readonly tag: number; readonly lengthTag: number; readonly data: Buffer };

/** @param tags in any order */
export function tiffFile(tags: readonly TiffTag[]): Buffer {
  const parts: Buffer[] = [Buffer.from("II*\0\0\0\0\0", "latin1")];
  let at = 8;
  const add = (part: Buffer): number => {
    const padded = Buffer.concat([part, Buffer.alloc(part.length & 1)]);
    parts.push(padded);
    at += padded.length;
    return at - padded.length;
  };
  const entry = (tag: number, type: keyof typeof typeBytes, value: Buffer): Buffer => {
    const buffer = Buffer.alloc(12);
    buffer.writeUInt16LE(tag, 0);
    buffer.writeUInt16LE(type, 2);
    buffer.writeUInt32LE(value.length / typeBytes[type], 4);
    if (value.length <= 4) value.copy(buffer, 8);
    else buffer.writeUInt32LE(add(value), 8);
    return buffer;
  };
  const numbers = (type: 3 | 4, values: readonly number[]): Buffer => {
    const buffer = Buffer.alloc(values.length * typeBytes[type]);
    for (const [index, value] of values.entries())
      buffer.writeUIntLE(value, index * typeBytes[type], typeBytes[type]);
    return buffer;
  };
  const writeDirectory = (own: readonly TiffTag[]): number => {
    const entries = own.flatMap((tag): [number, Buffer][] => {
      if ("directory" in tag)
        return [[tag.tag, entry(tag.tag, 4, numbers(4, [writeDirectory(tag.directory)]))]];
      if ("data" in tag) {
        return [
          [tag.tag, entry(tag.tag, 4, numbers(4, [add(tag.data)]))],
          [tag.lengthTag, entry(tag.lengthTag, 4, numbers(4, [tag.data.length]))],
        ];
      }
      const value = "bytes" in tag ? tag.bytes : numbers(tag.type, tag.values);
      return [[tag.tag, entry(tag.tag, tag.type, value)]];
    });
    const sorted = entries.toSorted(([a], [b]) => a - b).map(([, bytes]) => bytes);
    return add(Buffer.concat([numbers(3, [sorted.length]), ...sorted, Buffer.alloc(4)]));
  };
  const first = writeDirectory(tags);
  parts[0]?.writeUInt32LE(first, 4);
  return Buffer.concat(parts);
}

/** Writes an uncompressed picture of one strip. */
export function pictureTags(picture: {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly bits: 8 | 16;
  readonly channels: 1 | 3 | 4;
  /** 1 grey, 2 RGB, 5 CMYK. */
  readonly photometric: 1 | 2 | 5;
  readonly profile: Buffer;
}): TiffTag[] {
  const { data, width, height, bits, channels, photometric, profile } = picture;
  return [
    { tag: 256, type: 4, values: [width] },
    { tag: 257, type: 4, values: [height] },
    { tag: 258, type: 3, values: Array.from({ length: channels }, () => bits) },
    { tag: 259, type: 3, values: [1] },
    { tag: 262, type: 3, values: [photometric] },
    { tag: 273, lengthTag: 279, data },
    { tag: 277, type: 3, values: [channels] },
    { tag: 278, type: 4, values: [height] },
    ...(photometric === 2 && channels === 4 ? [{ tag: 338, type: 3, values: [2] } as const] : []),
    { tag: 34675, type: 7, bytes: profile },
  ];
}
