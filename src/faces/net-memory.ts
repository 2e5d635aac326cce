import { readFile } from "node:fs/promises";

import { Arena, type GrowingMemory } from "../kernel/arena.js";

/** What `net.wasm` exports: see `assembly/`. Addresses are bytes. */
interface NetExports {
  readonly memory: GrowingMemory;
  heapBase(): number;
  multiply(
    source: number,
    pixelCount: number,
    inputCount: number,
    panels: number,
    panelCount: number,
    bias: number,
    target: number,
    limit: number,
  ): void;
  depthwise(
    source: number,
    width: number,
    height: number,
    channelCount: number,
    step: number,
    weights: number,
    bias: number,
    target: number,
    limit: number,
  ): void;
  gather(source: number, width: number, height: number, channelCount: number, target: number): void;
}

/** The code of the net's layers, and the memory its weights and activations live in. */
export interface NetMemory {
  readonly wasm: NetExports;
  allocate(valueCount: number): number;
  /** @returns the address of a copy */
  store(values: Float32Array): number;
  /** Values at an address; the view is gone when memory next grows. */
  view(address: number, valueCount: number): Float32Array;
}

/** Loads `net.wasm`, which the build puts beside this file. */
export async function createNetMemory(): Promise<NetMemory> {
  const code = new WebAssembly.Module(await readFile(new URL("./net.wasm", import.meta.url)));
  const wasm = new WebAssembly.Instance(code).exports as unknown as NetExports;
  const arena = new Arena(wasm.memory, wasm.heapBase());
  const view = (address: number, valueCount: number): Float32Array =>
    new Float32Array(wasm.memory.buffer, address, valueCount);
  const allocate = (valueCount: number): number => arena.allocate(valueCount * 4);
  return {
    wasm,
    allocate,
    view,
    store(values) {
      const address = allocate(values.length);
      view(address, values.length).set(values);
      return address;
    },
  };
}
