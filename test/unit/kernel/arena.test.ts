import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Arena } from "../../../dist/kernel/arena.js";

const pageBytes = 65_536;

function createArena(base: number): { arena: Arena; sizeBytes: () => number } {
  let buffer = new ArrayBuffer(pageBytes);
  const memory = {
    get buffer() {
      return buffer;
    },
    grow(pageCount: number) {
      const before = buffer.byteLength / pageBytes;
      buffer = new ArrayBuffer((before + pageCount) * pageBytes);
      return before;
    },
  };
  return { arena: new Arena(memory, base), sizeBytes: () => buffer.byteLength };
}

describe("Arena", () => {
  test("allocates aligned blocks inside the memory and above the base, without overlap", () => {
    const steps = fc.array(fc.oneof(fc.nat(200_000), fc.constant(null)), { maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.nat(5000), (sizes, base) => {
        const { arena, sizeBytes } = createArena(base);
        let live: { address: number; size: number }[] = [];
        for (const size of sizes) {
          if (size === null) {
            const [first, ...rest] = live;
            if (first !== undefined) arena.release(first.address);
            live = rest;
          } else live.push({ address: arena.allocate(size), size });
        }
        live.sort((a, b) => a.address - b.address);
        let free = base;
        for (const { address, size } of live) {
          expect(address % 64).toBe(0);
          expect(address).toBeGreaterThanOrEqual(free);
          // Vectors may overrun a block by less than 64 bytes.
          free = address + size + 64;
          expect(free).toBeLessThanOrEqual(sizeBytes());
        }
      }),
    );
  });

  test("keeps the memory bounded over many allocations", () => {
    const { arena, sizeBytes } = createArena(1024);
    for (let i = 0; i < 500; i += 1) {
      const addresses = [3_000_000, 5_000_000, 3_000_000].map((size) => arena.allocate(size));
      for (const address of addresses) arena.release(address);
    }
    expect(sizeBytes()).toBeLessThan(11_200_000);
    expect(arena.usedBytes).toBe(0);
  });

  test("rejects releasing a block twice", () => {
    const { arena } = createArena(0);
    const address = arena.allocate(10);
    arena.release(address);
    expect(() => arena.release(address)).toThrow(RangeError);
  });
});
