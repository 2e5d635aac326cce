import { readFile } from "node:fs/promises";

/** A stored tensor. Its values are `codes[index] * scale + min`, rounded to 32 bits. */
export interface Weights {
  readonly shape: readonly number[];
  readonly codes: Uint8Array | Float32Array;
  readonly scale: number;
  readonly min: number;
}

/** One tensor of a TensorFlow.js weights manifest. Quantised weights are bytes for values from `min` to `min + 255 scale`. */
interface ManifestEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale: number; readonly min: number };
}

/**
 * Reads weights in the format of TensorFlow.js: a manifest in JSON, and beside it files with the values of all tensors
 * one after another.
 *
 * @returns the tensors by name
 */
export async function readWeights(manifest: URL): Promise<ReadonlyMap<string, Weights>> {
  const groups = JSON.parse(await readFile(manifest, "utf8")) as readonly {
    readonly paths: readonly string[];
    readonly weights: readonly ManifestEntry[];
  }[];
  const weights = new Map<string, Weights>();
  for (const group of groups) {
    const bytes = Buffer.concat(
      await Promise.all(group.paths.map(async (path) => await readFile(new URL(path, manifest)))),
    );
    let offset = 0;
    for (const { name, shape, quantization } of group.weights) {
      const count = shape.reduce((product, side) => product * side, 1);
      const sizeBytes = quantization === undefined ? count * 4 : count;
      const part = bytes.subarray(offset, offset + sizeBytes);
      offset += sizeBytes;
      if (part.length < sizeBytes) throw new RangeError(`The weights end within ${name}.`);
      if (quantization === undefined) {
        // A Float32Array needs an aligned start, and the values may begin at any byte: copy them.
        weights.set(name, { shape, codes: new Float32Array(new Uint8Array(part).buffer), scale: 1, min: 0 });
      } else {
        const { scale, min } = quantization;
        weights.set(name, { shape, codes: part, scale, min });
      }
    }
  }
  return weights;
}

export function unpackWeights({ codes, scale, min }: Weights): Float32Array {
  const values = new Float32Array(codes.length);
  for (let index = 0; index < codes.length; index += 1) values[index] = (codes[index] ?? 0) * scale + min;
  return values;
}
