import type { NetMemory } from "./net-memory.js";
import type { Weights } from "./read-weights.js";

/** Outputs that `multiply` computes together. */
const panelWidth = 8;

/** The weights of one convolution in the net's memory, in the order in which `multiply` reads them. */
export interface Matrix {
  readonly inputCount: number;
  /** Rounded up to whole panels; what was added is 0. */
  readonly outputCount: number;
  readonly panels: number;
  readonly bias: number;
}

/** One weight for each of 3 × 3 places and each channel. */
export interface Depthwise {
  readonly weights: number;
  readonly bias: number;
}

/** Convolutions of the same input, side by side: `[…, input, output]` and a bias for every output each. */
export function packMatrix(
  memory: NetMemory,
  parts: readonly { readonly weights: Weights; readonly bias: Weights }[],
): Matrix {
  const inputCount = (parts[0]?.weights.shape ?? [])
    .slice(0, -1)
    .reduce((product, side) => product * side, 1);
  const wanted = parts.reduce((sum, { bias }) => sum + bias.values.length, 0);
  const outputCount = Math.ceil(wanted / panelWidth) * panelWidth;
  const panels = new Float32Array(inputCount * outputCount);
  const biases = new Float32Array(outputCount);
  let first = 0;
  for (const { weights, bias } of parts) {
    const count = bias.values.length;
    biases.set(bias.values, first);
    for (let index = 0; index < count; index += 1) {
      const output = first + index;
      const start = (output - (output % panelWidth)) * inputCount + (output % panelWidth);
      for (let input = 0; input < inputCount; input += 1) {
        panels[start + input * panelWidth] = weights.values[input * count + index] ?? 0;
      }
    }
    first += count;
  }
  return { inputCount, outputCount, panels: memory.store(panels), bias: memory.store(biases) };
}

export interface BatchNorm {
  readonly gamma: Weights;
  readonly beta: Weights;
  readonly mean: Weights;
  readonly variance: Weights;
}

const epsilon = 0.001;

/** A depthwise convolution with its batch normalisation (gamma (x - mean) / √(variance + ε) + beta) worked in. */
export function packDepthwise(memory: NetMemory, { values }: Weights, norm: BatchNorm): Depthwise {
  const { gamma, beta, mean, variance } = norm;
  const factors = gamma.values.map(
    (value, channel) => value / Math.sqrt((variance.values[channel] ?? 0) + epsilon),
  );
  const factor = (channel: number): number => factors[channel] ?? 0;
  const weights = values.map((value, index) => value * factor(index % factors.length));
  const bias = beta.values.map((value, channel) => value - (mean.values[channel] ?? 0) * factor(channel));
  return { weights: memory.store(weights), bias: memory.store(bias) };
}
