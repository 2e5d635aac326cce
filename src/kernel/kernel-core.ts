import type { Arena } from "./arena.js";
import type { KernelExports } from "./kernel-exports.js";
import type { Scratch } from "./scratch.js";

/** The code, the memory and a scratch block for use during one call, shared by all parts of the kernel. */
export interface KernelCore {
  readonly wasm: KernelExports;
  readonly arena: Arena;
  readonly scratch: Scratch;
}
