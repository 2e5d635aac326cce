import type { FileHandle } from "node:fs/promises";

/**
 * Reads the bytes of consecutive samples, without other data between them in the file.
 *
 * @param table the offsets of the requested samples must ascend
 */
export async function readSamples(
  file: FileHandle,
  table: { readonly sizes: Uint32Array; readonly offsets: Float64Array },
  firstSample: number,
  sampleCount: number,
): Promise<Buffer> {
  const sizes = table.sizes.subarray(firstSample, firstSample + sampleCount);
  const offsets = table.offsets.subarray(firstSample, firstSample + sampleCount);
  const start = offsets[0] ?? 0;
  const span = Buffer.alloc((offsets.at(-1) ?? 0) + (sizes.at(-1) ?? 0) - start);
  const { bytesRead } = await file.read(span, 0, span.length, start);
  if (bytesRead < span.length) throw new RangeError("A file ends before its samples.");
  const parts = Array.from(sizes, (size, sample) => {
    const offset = (offsets[sample] as number) - start;
    return span.subarray(offset, offset + size);
  });
  return Buffer.concat(parts);
}
