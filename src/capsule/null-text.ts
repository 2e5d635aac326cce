/**
 * Matches the text that programs write for a missing value. `NaN`, `null` and `NULL` match only in this spelling, because
 * many people call their grandmother Nan, and Null is a family name.
 */
const nullTexts =
  /^(?:null|NULL|NaN|undefined|\(null\)|<null>|""|''|\[object [a-z]+\]|\[\s*(?:null|"")?\s*\]|\{\s*(?:null)?\s*\})$/u;
const maxLength = 40;
const inAnyCase = /^(?:undefined|\[object [a-z]+\])$/iu;

/** Whether a text is a program's notation for a missing value, and not written by a person. */
export function isNullText(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.length <= maxLength && (nullTexts.test(trimmed) || inAnyCase.test(trimmed));
}
