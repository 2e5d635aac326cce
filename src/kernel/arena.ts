const alignment = 64;
/** The kernel reads and writes in vectors: every block may be overrun by this much. */
const slack = 64;
const pageBytes = 65_536;

/** A `WebAssembly.Memory`. */
export interface GrowingMemory {
  readonly buffer: ArrayBuffer;
  /** By pages of 64 KiB; takes the old `buffer` away. */
  grow(pageCount: number): number;
}

interface Block {
  readonly address: number;
  readonly sizeBytes: number;
}

/**
 * Hands out blocks of a WebAssembly memory, first fit, and takes them back. The memory grows when no gap is large
 * enough and never shrinks, so its size is the most that was ever in use at once, plus gaps.
 */
export class Arena {
  readonly #memory: GrowingMemory;
  /** In order of address; between the last block and the end of memory all is free. */
  readonly #blocks: Block[] = [];
  readonly #base: number;

  constructor(memory: GrowingMemory, base: number) {
    this.#memory = memory;
    this.#base = Math.ceil(base / alignment) * alignment;
  }

  /** @returns the address of a block aligned to 64 bytes; what was in it before is undefined */
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

  /** Bytes at an address; the view is gone when memory next grows. */
  view(address: number, sizeBytes: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, sizeBytes);
  }

  /** All of memory, addressed as the kernel does; gone like a view. */
  all(): Uint8Array {
    return new Uint8Array(this.#memory.buffer);
  }

  /** Of all blocks together. */
  get usedBytes(): number {
    return this.#blocks.reduce((sum, block) => sum + block.sizeBytes, 0);
  }
}
