/**
 * What programs write for a value that is not there when they make a text of it. `NaN`, `null` and `NULL` are taken as
 * they are written only: Nan is what many people call a grandmother, and Null is a family's name.
 */
const nothings =
  /^(?:null|NULL|NaN|undefined|\(null\)|<null>|""|''|\[object [a-z]+\]|\[\s*(?:null|"")?\s*\]|\{\s*(?:null)?\s*\})$/u;
const maxLength = 40;
const inAnyCase = /^(?:undefined|\[object [a-z]+\])$/iu;

/** Whether a text is a program's word for nothing and not a person's. */
export function isNullText(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.length <= maxLength && (nothings.test(trimmed) || inAnyCase.test(trimmed));
}
