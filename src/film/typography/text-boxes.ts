import type { Theme } from "../theme.js";
import type { TextBox } from "./text-page.js";

/** The room that words have, in reference units. */
export interface TextBoxSize {
  readonly sizesPx: {
    /** Tried in turn until the words fit on one page. */
    readonly onePage: readonly number[];
    /** Of words that need several pages; null where there is only one. */
    readonly manyPages: number | null;
  };
  /** About 45 characters of Latin, 20 ideographs, on a card. */
  readonly measureEm: number;
  readonly mostMeasurePx: number;
  readonly heightPx: number;
}

export function textBoxes({ type }: Theme): Readonly<Record<TextBox, TextBoxSize>> {
  return {
    card: {
      sizesPx: { onePage: sizesDown(type.wordsPx, 50, 4), manyPages: type.wordsPx - 6 },
      measureEm: 20,
      mostMeasurePx: 1380,
      heightPx: 690,
    },
    "beside-photo": {
      sizesPx: { onePage: sizesDown(type.wordsBesidePhotoPx, type.leastPx + 4, 4), manyPages: null },
      measureEm: 16,
      mostMeasurePx: 756,
      heightPx: 590,
    },
  };
}

function sizesDown(largest: number, least: number, step: number): number[] {
  const sizes: number[] = [];
  for (let size = largest; size >= least; size -= step) sizes.push(size);
  return sizes;
}
