const alignment = 64;
/** Bytes added to every block, because the kernel reads and writes whole vectors, also past the end of a block. */
const slack = 64;
const pageBytes = 65_536;

/** The part of `WebAssembly.Memory` that is used. */
export interface GrowingMemory {
  readonly buffer: ArrayBuffer;
  /** Grows by pages of 64 KiB; the old `buffer` becomes unusable. */
  grow(pageCount: number): number;
}

interface Block {
  readonly address: number;
  readonly sizeBytes: number;
}

/**
 * Allocates and frees blocks of a WebAssembly memory, first fit. The memory grows when no gap is large enough and never
 * shrinks. Its size is therefore the maximum that was in use at once, plus gaps.
 */
export class Arena {
  readonly #memory: GrowingMemory;
  /** Blocks in order of address; everything after the last block is free. */
  readonly #blocks: Block[] = [];
  readonly #base: number;

  constructor(memory: GrowingMemory, base: number) {
    this.#memory = memory;
    this.#base = Math.ceil(base / alignment) * alignment;
  }

  /** @returns the address of a block aligned to 64 bytes, with undefined content */
  allocate(sizeBytes: number): number {
    const needed = Math.ceil((sizeBytes + slack) / alignment) * alignment;
    let address = this.#base;
    let index = 0;
    for (const block of this.#blocks) {
      if (block.address - address >= needed) break;
      address = block.address + block.sizeBytes;
      index += 1;
    }
    const missing = address + needed - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes));
    this.#blocks.splice(index, 0, { address, sizeBytes: needed });
    return address;
  }

  release(address: number): void {
    const index = this.#blocks.findIndex((block) => block.address === address);
    if (index === -1) throw new RangeError(`No block of the kernel's memory begins at ${address}.`);
    this.#blocks.splice(index, 1);
  }

  /** Bytes at an address; the view becomes invalid when the memory grows. */
  view(address: number, sizeBytes: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, sizeBytes);
  }

  /** All of the memory, with the kernel's addresses; becomes invalid like a view. */
  all(): Uint8Array {
    return new Uint8Array(this.#memory.buffer);
  }

  /** Bytes of all blocks together. */
  get usedBytes(): number {
    return this.#blocks.reduce((sum, block) => sum + block.sizeBytes, 0);
  }
}
