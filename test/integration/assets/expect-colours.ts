import { expect } from "vitest";

import { deltaE, fieldsOf, type Rgb } from "./test-picture.js";

/** Each field of a prepared test picture has its colour, row by row; `tolerance` is ΔE. */
export async function expectColours(
  photo: Parameters<typeof fieldsOf>[0],
  expected: readonly Rgb[],
  columns: number,
  tolerance: number,
): Promise<void> {
  const fields = await fieldsOf(photo, columns, expected.length / columns);
  for (const [index, colour] of expected.entries()) {
    expect(deltaE(fields[index] as Rgb, colour), `field ${index}: ${fields[index]?.join()}`).toBeLessThan(
      tolerance,
    );
  }
}
