/** Writes HEIF files box by box (ISO/IEC 23008-12), so that tests can have what no phone at hand makes. */

export interface HeifTestItem {
  readonly id: number;
  /** Four characters. */
  readonly type: string;
  readonly data: Buffer;
  /** Whole boxes; see `property`. */
  readonly properties?: readonly Buffer[];
  readonly references?: Readonly<Record<string, readonly number[]>>;
}

export function uint(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}

export function box(type: string, ...content: readonly Buffer[]): Buffer {
  const size = 8 + content.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([uint(size, 4), Buffer.from(type, "latin1"), ...content]);
}

function fullBox(type: string, version: number, flags: number, ...content: readonly Buffer[]): Buffer {
  return box(type, uint(version, 1), uint(flags, 3), ...content);
}

export const property = {
  size: (width: number, height: number) => fullBox("ispe", 0, 0, uint(width, 4), uint(height, 4)),
  rotateAnticlockwise: (quarters: number) => box("irot", uint(quarters, 1)),
  /** 0 exchanges top and bottom, 1 left and right. */
  mirror: (axis: 0 | 1) => box("imir", uint(axis, 1)),
  /** The middle of the picture. */
  crop: (width: number, height: number) =>
    box("clap", ...[width, 1, height, 1, 0, 1, 0, 1].map((value) => uint(value, 4))),
  codes: (primaries: number, transfer: number, matrix: number, fullRange: boolean) =>
    box(
      "colr",
      Buffer.from("nclx"),
      uint(primaries, 2),
      uint(transfer, 2),
      uint(matrix, 2),
      uint(fullRange ? 0x80 : 0, 1),
    ),
  profile: (icc: Buffer) => box("colr", Buffer.from("prof"), icc),
  auxiliary: (name: string) => fullBox("auxC", 0, 0, Buffer.from(`${name}\0`)),
} as const;

export const alphaName = "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha";
export const depthName = "urn:mpeg:hevc:2015:auxid:2";

export function gridData(columns: number, rows: number, width: number, height: number): Buffer {
  return Buffer.concat([
    uint(0, 1),
    uint(1, 1),
    uint(rows - 1, 1),
    uint(columns - 1, 1),
    uint(width, 4),
    uint(height, 4),
  ]);
}

/** The first item is the primary picture. */
export function heifFile(brand: string, items: readonly HeifTestItem[]): Buffer {
  const properties = items.flatMap((item) => item.properties ?? []);
  let index = 0;
  const associations = items.map(({ id, properties: own = [] }) =>
    Buffer.concat([uint(id, 2), uint(own.length, 1), ...own.map(() => uint((index += 1), 2))]),
  );
  const references = items.flatMap(({ id, references: to = {} }) =>
    Object.entries(to).map(([type, ids]) =>
      box(type, uint(id, 2), uint(ids.length, 2), ...ids.map((each) => uint(each, 2))),
    ),
  );
  const head = box("ftyp", Buffer.from(`${brand}\0\0\0\0mif1${brand}`, "latin1"));
  const meta = (dataAt: number): Buffer => {
    let at = dataAt;
    const places = items.map(({ id, data }) => {
      at += data.length;
      return Buffer.concat([
        uint(id, 2),
        uint(0, 2),
        uint(1, 2),
        uint(at - data.length, 4),
        uint(data.length, 4),
      ]);
    });
    return fullBox(
      "meta",
      0,
      0,
      fullBox("hdlr", 0, 0, Buffer.from("\0\0\0\0pict", "latin1"), Buffer.alloc(13)),
      fullBox("pitm", 0, 0, uint(items[0]?.id ?? 0, 2)),
      fullBox("iloc", 0, 0, uint(0x4400, 2), uint(items.length, 2), ...places),
      fullBox(
        "iinf",
        0,
        0,
        uint(items.length, 2),
        ...items.map(({ id, type }) =>
          fullBox("infe", 2, 0, uint(id, 2), uint(0, 2), Buffer.from(`${type}\0`, "latin1")),
        ),
      ),
      ...(references.length === 0 ? [] : [fullBox("iref", 0, 0, ...references)]),
      box("iprp", box("ipco", ...properties), fullBox("ipma", 0, 1, uint(items.length, 4), ...associations)),
    );
  };
  const dataAt = head.length + meta(0).length + 8;
  return Buffer.concat([head, meta(dataAt), box("mdat", ...items.map(({ data }) => data))]);
}
