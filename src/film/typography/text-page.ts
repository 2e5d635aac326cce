/** One card's worth of words, broken into lines: what `typeset` makes and the scenes draw. Plain data. */
export interface TextPage {
  readonly lines: readonly TextLine[];
  /** Paragraph direction of the page; decides from which side the card is set. */
  readonly direction: "ltr" | "rtl";
  readonly fontSizePx: number;
  readonly lineHeightPx: number;
  /** The words of this page as written, for reading time and captions. */
  readonly text: string;
}

export interface TextLine {
  readonly text: string;
  readonly direction: "ltr" | "rtl";
  /** True where a blank line stands before this one (a new paragraph). */
  readonly paragraphStart: boolean;
}

/** Where words are set: alone on a card, or with a photo: beside it in a wide frame, under it in others. */
export type TextBox = "card" | "beside-photo";
