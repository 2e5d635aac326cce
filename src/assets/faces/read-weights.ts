import { readFile } from "node:fs/promises";

export interface Weights {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** One tensor of a weights manifest of TensorFlow.js; weights may be stored as bytes between `min` and `min + 255 scale`. */
interface ManifestEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale: number; readonly min: number };
}

/**
 * Reads the weights of a net in the format of TensorFlow.js: a manifest in JSON, and beside it a file with the values
 * of all tensors one after another.
 *
 * @returns by name
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
      const part = new Uint8Array(bytes.subarray(offset, offset + sizeBytes));
      offset += sizeBytes;
      if (part.length < sizeBytes) throw new RangeError(`The weights end within ${name}.`);
      const values = quantization === undefined ? new Float32Array(part.buffer) : unpack(part, quantization);
      weights.set(name, { values, shape });
    }
  }
  return weights;
}

/** A plain loop: there are six million of them. */
function unpack(
  codes: Uint8Array,
  { scale, min }: { readonly scale: number; readonly min: number },
): Float32Array {
  const values = new Float32Array(codes.length);
  for (let index = 0; index < codes.length; index += 1) values[index] = (codes[index] ?? 0) * scale + min;
  return values;
}
