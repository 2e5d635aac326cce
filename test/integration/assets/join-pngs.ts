import { crc32 } from "node:zlib";

/** An animated PNG of stills of one size (PNG specification, third edition, 11.3.6), each shown for so long. */
export function joinPngs(stills: readonly Buffer[], delayMilliseconds: number): Buffer {
  const [first] = stills;
  if (first === undefined) throw new RangeError("An animation needs pictures.");
  const header = first.subarray(8 + 8, 8 + 8 + 13);
  const size = header.subarray(0, 8);
  let sequence = 0;
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const parts = [chunk("IHDR", header), chunk("acTL", Buffer.concat([number(stills.length), number(0)]))];
  for (const [index, still] of stills.entries()) {
    const delay = Buffer.from([0, 0, 0, 0, 0, 0]);
    delay.writeUInt16BE(delayMilliseconds, 0);
    delay.writeUInt16BE(1000, 2);
    parts.push(chunk("fcTL", Buffer.concat([number(sequence++), size, number(0), number(0), delay])));
    for (const data of pixelsOf(still)) {
      parts.push(
        index === 0 ? chunk("IDAT", data) : chunk("fdAT", Buffer.concat([number(sequence++), data])),
      );
    }
  }
  return Buffer.concat([first.subarray(0, 8), ...parts, chunk("IEND", Buffer.alloc(0))]);
}

function pixelsOf(png: Buffer): Buffer[] {
  const pixels: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const isPixels = png.toString("latin1", at + 4, at + 8) === "IDAT";
    if (isPixels) pixels.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  return pixels;
}

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, checksum]);
}
