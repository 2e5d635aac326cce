/** One card's worth of words, broken into lines, as plain data: `typeset` makes it and the scenes draw it. */
export interface TextPage {
  readonly lines: readonly TextLine[];
  /** Paragraph direction of the page; decides from which side the card is set. */
  readonly direction: "ltr" | "rtl";
  readonly fontSizePx: number;
  readonly lineHeightPx: number;
  /** Distance from the page's top to below its last line: room for all of its letters and marks. */
  readonly heightPx: number;
  /** The words of this page as written, for reading time and captions. */
  readonly text: string;
}

export interface TextLine {
  readonly text: string;
  readonly direction: "ltr" | "rtl";
  /** True where a blank line precedes this one (a new paragraph). */
  readonly paragraphStart: boolean;
  /** Baseline of the letters, below the page's top. */
  readonly baselinePx: number;
  /** Distance by which an opening mark hangs into the margin, so that the letters after it are aligned. */
  readonly hangPx: number;
}

/** The box that words are set in: a card of their own, or the space beside or under a photo. */
export type TextBox = "card" | "beside-photo";
