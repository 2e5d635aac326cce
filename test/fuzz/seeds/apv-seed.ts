import { readFile } from "node:fs/promises";
import path from "node:path";

import { AV_CODEC_ID_APV } from "node-av/constants";

import type { SeedFile } from "./seed-file.js";
import { writePackets } from "./write-packets.js";

const [width, height] = [64, 48];
const macroblockSide = 16;
/** The least that a tile has (RFC 9924, 5.3.8): the picture is smaller than one. */
const tileWidthInMacroblocks = 16;
const tileHeightInMacroblocks = 8;

/** APV of a phone: 4:2:2 at 10 bits, blocks of one value each. There is no encoder. */
export async function makeApvSeed(folder: string): Promise<SeedFile> {
  const file = path.join(folder, "apv.mp4");
  const packets = [0, 1, 2, 3].map(accessUnit);
  await writePackets(file, {
    container: "mp4",
    codecId: AV_CODEC_ID_APV,
    codecTag: "apv1",
    width,
    height,
    packets,
  });
  return { name: "apv.mp4", kind: "old-apv.mp4", bytes: await readFile(file) };
}

function accessUnit(index: number): Buffer {
  const frame = Buffer.concat([
    // A primary frame of group 1; profile 422-10, level 4.1, band 2.
    Buffer.from("01000100217b40", "hex"),
    bigEndian(width, 3),
    bigEndian(height, 3),
    // 4:2:2 and 10 bits; no colours, no matrix.
    Buffer.from("22000000", "hex"),
    frameFlags(),
    tile(index),
  ]);
  return Buffer.concat([Buffer.from("aPv1"), bigEndian(frame.length, 4), frame]);
}

function frameFlags(): Buffer {
  const bits = createBits();
  bits.put(0, 2);
  bits.put(tileWidthInMacroblocks, 20);
  bits.put(tileHeightInMacroblocks, 20);
  bits.put(0, 1 + 8);
  return bits.bytes();
}

function tile(index: number): Buffer {
  const components = [4, 2, 2].map((blocksPerMacroblock, component) =>
    component === 0 ? blocks(blocksPerMacroblock, 6 + index * 2) : blocks(blocksPerMacroblock, 0),
  );
  const head = Buffer.concat([
    Buffer.from("00140000", "hex"),
    ...components.map(({ length }) => bigEndian(length, 4)),
    Buffer.from("33333300", "hex"),
  ]);
  const body = Buffer.concat([head, ...components]);
  return Buffer.concat([bigEndian(body.length, 4), body]);
}

/** Each block is brighter by `step` than the one before it, and has no detail (RFC 9924, 7.1.4). */
function blocks(perMacroblock: number, step: number): Buffer {
  const count = (width / macroblockSide) * (height / macroblockSide) * perMacroblock;
  const bits = createBits();
  let previous = 20;
  for (let block = 0; block < count; block += 1) {
    const difference = block === 0 ? 0 : step;
    putNumber(bits, difference, Math.min(5, previous >> 1));
    if (difference > 0) bits.put(block % 8 < 4 ? 0 : 1, 1);
    previous = difference;
    putNumber(bits, 63, 0);
  }
  return bits.bytes();
}

interface Bits {
  put(value: number, count: number): void;
  bytes(): Buffer;
}

function createBits(): Bits {
  let text = "";
  return {
    put(value, count) {
      text += value.toString(2).padStart(count, "0");
    },
    bytes: () =>
      Buffer.from((text.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2))),
  };
}

/** A number of variable length (RFC 9924, 7.1.3). */
function putNumber(bits: Bits, value: number, parameter: number): void {
  if (value < 1 << parameter) {
    bits.put(1, 1);
    if (parameter > 0) bits.put(value, parameter);
  } else if (value < 2 << parameter) {
    bits.put(0, 2);
    if (parameter > 0) bits.put(value - (1 << parameter), parameter);
  } else {
    bits.put(1, 2);
    const rest = value - (2 << parameter);
    let zeros = 0;
    while (rest >= ((1 << (zeros + 1)) - 1) << parameter) zeros += 1;
    if (zeros > 0) bits.put(0, zeros);
    bits.put(1, 1);
    if (zeros + parameter > 0) bits.put(rest - (((1 << zeros) - 1) << parameter), zeros + parameter);
  }
}

function bigEndian(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}
