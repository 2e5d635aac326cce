import { KeepsakeError } from "../errors.js";

/** @throws KeepsakeError `usage` when the option's text is no whole number of at least `least` */
export function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new KeepsakeError(
      "usage",
      `--${option} must be a whole number of at least ${least}, not "${text}".`,
    );
  }
  return value;
}
