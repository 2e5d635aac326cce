import type { NetworkMemory } from "./network-memory.js";
import { unpackWeights, type Weights } from "./read-weights.js";

/** Number of outputs that `multiply` computes together. */
const panelWidth = 8;

/** The weights of one convolution in the network's memory, in the order in which `multiply` reads them. */
export interface Matrix {
  readonly inputCount: number;
  /** Rounded up to whole panels; the added outputs are 0. */
  readonly outputCount: number;
  readonly panels: number;
  readonly bias: number;
}

/** A depthwise convolution: one weight for each of 3 × 3 places and each channel. */
export interface Depthwise {
  readonly weights: number;
  readonly bias: number;
}

/**
 * Packs convolutions of the same input into one matrix.
 *
 * @param parts weights of the shape `[…, input, output]`, and one bias for each output
 */
export function packMatrix(
  memory: NetworkMemory,
  parts: readonly { readonly weights: Weights; readonly bias: Weights }[],
): Matrix {
  const inputCount = (parts[0]?.weights.shape ?? [])
    .slice(0, -1)
    .reduce((product, side) => product * side, 1);
  const wanted = parts.reduce((sum, { bias }) => sum + bias.codes.length, 0);
  const outputCount = Math.ceil(wanted / panelWidth) * panelWidth;
  const panelsAddress = memory.allocate(inputCount * outputCount);
  const panels = memory.view(panelsAddress, inputCount * outputCount);
  if (wanted < outputCount) panels.fill(0);
  const biases = new Float32Array(outputCount);
  let first = 0;
  for (const { weights, bias } of parts) {
    const count = bias.codes.length;
    const { codes, scale, min } = weights;
    biases.set(unpackWeights(bias), first);
    for (let index = 0; index < count; index += 1) {
      const output = first + index;
      const start = (output - (output % panelWidth)) * inputCount + (output % panelWidth);
      for (let input = 0; input < inputCount; input += 1) {
        panels[start + input * panelWidth] = (codes[input * count + index] ?? 0) * scale + min;
      }
    }
    first += count;
  }
  return { inputCount, outputCount, panels: panelsAddress, bias: memory.store(biases) };
}

export interface BatchNorm {
  readonly gamma: Weights;
  readonly beta: Weights;
  readonly mean: Weights;
  readonly variance: Weights;
}

const epsilon = 0.001;

/** Packs a depthwise convolution together with its batch normalisation: gamma (x - mean) / √(variance + ε) + beta. */
export function packDepthwise(memory: NetworkMemory, stored: Weights, norm: BatchNorm): Depthwise {
  const gamma = unpackWeights(norm.gamma);
  const beta = unpackWeights(norm.beta);
  const mean = unpackWeights(norm.mean);
  const variance = unpackWeights(norm.variance);
  const factors = gamma.map((value, channel) => value / Math.sqrt((variance[channel] ?? 0) + epsilon));
  const factor = (channel: number): number => factors[channel] ?? 0;
  const weights = unpackWeights(stored).map((value, index) => value * factor(index % factors.length));
  const bias = beta.map((value, channel) => value - (mean[channel] ?? 0) * factor(channel));
  return { weights: memory.store(weights), bias: memory.store(bias) };
}
