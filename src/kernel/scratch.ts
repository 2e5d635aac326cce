import type { Arena } from "./arena.js";

/** One block that grows to the largest size ever requested; its content is lost at the next `reserve`. */
export class Scratch {
  readonly #arena: Arena;
  #address: number | null = null;
  #sizeBytes = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  reserve(sizeBytes: number): number {
    if (this.#address !== null && sizeBytes <= this.#sizeBytes) return this.#address;
    if (this.#address !== null) this.#arena.release(this.#address);
    this.#sizeBytes = sizeBytes;
    this.#address = this.#arena.allocate(sizeBytes);
    return this.#address;
  }
}
