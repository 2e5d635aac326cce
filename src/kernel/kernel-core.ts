import type { Arena } from "./arena.js";
import type { KernelExports } from "./kernel-exports.js";
import type { Scratch } from "./scratch.js";

/** What the parts of the kernel share: the code, its memory, and a block to scribble in during one call. */
export interface KernelCore {
  readonly wasm: KernelExports;
  readonly arena: Arena;
  readonly scratch: Scratch;
}
