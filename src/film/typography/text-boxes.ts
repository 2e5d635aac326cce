import type { FrameUnits } from "../model/frame-units.js";
import type { Theme } from "../model/theme.js";
import type { TextBox } from "../model/text-page.js";

/** The space for words, in reference units. */
export interface TextBoxSize {
  readonly sizesPx: {
    /** Sizes tried in turn until the words fit on one page. */
    readonly onePage: readonly number[];
    /** Size of words that need several pages; null where there is only one page. */
    readonly manyPages: number | null;
  };
  /** About 45 Latin characters or 20 ideographs on a card. */
  readonly measureEm: number;
  readonly maxMeasurePx: number;
  readonly heightPx: number;
}

/** Additional margin on a wide card, so that the quotation mark can hang beside the words. */
export const hangingInset = 116;
/** Width of the column of words beside a photo. */
export const besidePhotoMeasure = 756;
/** Height of rule and name, and of their distance from the words. */
const signatureRoom = 216;
/** Words that would be smaller than this on one card are set on several. */
const minCardPx = 50;
const sizeStepPx = 4;
/** Height for a quotation mark above the words, where there is no room for it beside them. */
const quotationMarkRoom = 104;

/**
 * Returns the boxes for words. Those with a photo are beside it in a wide frame, and under it in others, where the
 * photo gets the larger part.
 */
export function textBoxes(
  { type }: Theme,
  { width, height, margin, shape }: FrameUnits,
): Readonly<Record<TextBox, TextBoxSize>> {
  const isWide = shape === "wide";
  const measurePx = width - 2 * margin.x;
  const roomPx = height - 2 * margin.y - signatureRoom;
  return {
    card: {
      sizesPx: {
        onePage: sizesDown(type.wordsPx, Math.max(type.minPx, minCardPx)),
        manyPages: Math.max(type.minPx, type.wordsPx - 6),
      },
      measureEm: 20,
      maxMeasurePx: isWide ? measurePx - 2 * hangingInset : measurePx,
      heightPx: isWide ? roomPx : roomPx - quotationMarkRoom,
    },
    "beside-photo": {
      sizesPx: {
        onePage: sizesDown(
          type.wordsBesidePhotoPx,
          Math.min(type.wordsBesidePhotoPx, type.minPx + sizeStepPx),
        ),
        manyPages: null,
      },
      measureEm: isWide ? 16 : 20,
      maxMeasurePx: isWide ? besidePhotoMeasure : measurePx,
      heightPx: { wide: 590, square: 236, tall: 560 }[shape],
    },
  };
}

function sizesDown(largestPx: number, minPx: number): number[] {
  const sizes: number[] = [];
  for (let size = largestPx; size >= minPx; size -= sizeStepPx) sizes.push(size);
  return sizes;
}
