import type { Chance } from "./random.js";

/** Puts another number where one stands: a limit of its width, a neighbour, a power of two, or anything. */
export function changeNumber(
  bytes: Buffer,
  offset: number,
  width: 1 | 2 | 4 | 8,
  littleEndian: boolean,
  chance: Chance,
): string {
  const range = 2n ** BigInt(8 * width);
  const old = readNumber(bytes, offset, width, littleEndian);
  const value = BigInt.asUintN(8 * width, otherNumber(old, range, chance));
  writeNumber(bytes, offset, width, littleEndian, value);
  return `${old} → ${value}`;
}

function otherNumber(old: bigint, range: bigint, chance: Chance): bigint {
  const power = 1n << BigInt(chance.below(range.toString(2).length - 1));
  return chance.pick<() => bigint>([
    () => 0n,
    () => 1n,
    () => range - 1n,
    () => range - 2n,
    () => range / 2n,
    () => range / 2n - 1n,
    () => old + 1n,
    () => old - 1n,
    () => old * 2n,
    () => old / 2n,
    () => -old,
    () => old ^ power,
    () => power,
    () => power - 1n,
    () => old + BigInt(chance.below(64)) - 32n,
    () => BigInt(chance.below(256)),
    () => BigInt(chance.below(65_536)),
    () => BigInt(`0x${chance.bytes(8).toString("hex")}`),
  ])();
}

function readNumber(bytes: Buffer, offset: number, width: number, littleEndian: boolean): bigint {
  const digits = [...bytes.subarray(offset, offset + width)];
  if (littleEndian) digits.reverse();
  return digits.reduce((sum, digit) => sum * 256n + BigInt(digit), 0n);
}

function writeNumber(
  bytes: Buffer,
  offset: number,
  width: number,
  littleEndian: boolean,
  value: bigint,
): void {
  let rest = value;
  for (let index = 0; index < width; index += 1) {
    bytes[offset + (littleEndian ? index : width - 1 - index)] = Number(rest & 255n);
    rest >>= 8n;
  }
}
