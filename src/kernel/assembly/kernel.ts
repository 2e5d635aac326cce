// The film's pixel kernel: WebAssembly SIMD, no imports. It owns two small tables; all other memory is handed to
// it by address. Addresses and sizes are the caller's business, nothing is checked here: see ../kernel.ts, the
// typed face.
export { pad, resample } from "./resample";
export { blend, fade, lay } from "./layers";
export { blurColumns, blurRows, finish, shrink } from "./fill";
export { means } from "./means";
export { rgbToYuvRow, sitedChromaRow } from "./convert";

/** Where memory is free for the caller to hand out. */
export function heapBase(): usize {
  return __heap_base;
}
