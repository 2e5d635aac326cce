// The film's pixel kernel: WebAssembly SIMD, no imports. It owns two small tables; all other memory is
// passed to it by address. Nothing is checked here; the caller is responsible for addresses and sizes: see
// ../kernel.ts, the typed interface.
export { pad, resample } from "./resample";
export { blend, fade, lay } from "./layers";
export { blurColumns, blurRows, finish, shrink } from "./fill";
export { means } from "./means";
export { rgbToYuvRow, sitedChromaRow } from "./convert";

/** Returns the address from which memory is free for the caller to hand out. */
export function heapBase(): usize {
  return __heap_base;
}
