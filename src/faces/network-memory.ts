import { readFile } from "node:fs/promises";

import { Arena, type GrowingMemory } from "../kernel/arena.js";

/** The exports of `network.wasm` (source in `assembly/`). Addresses count bytes. */
interface NetworkExports {
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

/** The code of the network's layers, and the memory with its weights and activations. */
export interface NetworkMemory {
  readonly wasm: NetworkExports;
  /** @returns the address of memory for this number of values, whose content is undefined */
  allocate(valueCount: number): number;
  /** @returns the address of a copy */
  store(values: Float32Array): number;
  /** A view of the values at an address. It becomes invalid when the memory grows. */
  view(address: number, valueCount: number): Float32Array;
}

/** Loads `network.wasm`, which the build writes beside this file. */
export async function createNetworkMemory(): Promise<NetworkMemory> {
  const code = new WebAssembly.Module(await readFile(new URL("./network.wasm", import.meta.url)));
  const wasm = new WebAssembly.Instance(code).exports as unknown as NetworkExports;
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
