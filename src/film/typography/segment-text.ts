/** In a longer text without a space the runtime's segmenter takes a time that grows with the square of its length. */
const stepLength = 2000;
/** What comes next can change that many of the last segments, where words are told apart by a dictionary. */
const unsure = 8;

/** The segments of a text, and where they begin: as `Intl.Segmenter` has them, in a time that grows with the length. */
export function segmentText(
  segmenter: Intl.Segmenter,
  text: string,
): { readonly segment: string; readonly index: number }[] {
  const segments: { segment: string; index: number }[] = [];
  for (let from = 0; from < text.length;) {
    const end = characterStart(text, from + stepLength);
    const found = Array.from(segmenter.segment(text.slice(from, end)));
    const sure = end === text.length ? found : found.slice(0, Math.max(1, found.length - unsure));
    for (const { segment, index } of sure) segments.push({ segment, index: from + index });
    from += sure.reduce((length, { segment }) => length + segment.length, 0);
  }
  return segments;
}

/** Not between the halves of a surrogate pair. */
function characterStart(text: string, index: number): number {
  if (index >= text.length) return text.length;
  const isSecondHalf = text.charCodeAt(index) >> 10 === 0x37;
  return isSecondHalf ? index + 1 : index;
}
