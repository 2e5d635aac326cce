const rightToLeft =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\p{Script=Samaritan}\p{Script=Mandaic}\u{200F}]/u;
const strong = /[\p{L}\u{200E}\u{200F}]/u;

/**
 * Returns the base direction of a paragraph: that of its first letter (rules P2 and P3 of the bidirectional
 * algorithm, UAX 9).
 */
export function baseDirection(text: string): "ltr" | "rtl" {
  const first = strong.exec(text)?.[0];
  return first !== undefined && rightToLeft.test(first) ? "rtl" : "ltr";
}
