/**
 * Step length: in a longer text without a space, the time of JavaScript's segmenter grows with the square of the
 * length.
 */
const stepLength = 2000;
/** The following text can change this many of the last segments, where a dictionary separates words. */
const unsure = 8;

/** Returns the segments of a text and their positions, as `Intl.Segmenter` does, in linear time. */
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

/** Avoids cutting between the halves of a surrogate pair. */
function characterStart(text: string, index: number): number {
  if (index >= text.length) return text.length;
  const isSecondHalf = text.charCodeAt(index) >> 10 === 0x37;
  return isSecondHalf ? index + 1 : index;
}
