import { KeepsakeError } from "../../errors.js";

/** @throws KeepsakeError `usage` when the option's text is not a whole number of at least `min` */
export function wholeNumber(option: string, text: string, min: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min) {
    throw new KeepsakeError("usage", `--${option} must be a whole number of at least ${min}, not "${text}".`);
  }
  return value;
}
