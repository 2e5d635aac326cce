import type { ArgsDef } from "citty";

import { KeepsakeError } from "../errors.js";
import { didYouMean } from "./did-you-mean.js";

/** The value hint of an option that may stand alone. */
export function optionalValue(hint: string): string {
  return `${hint}?`;
}

/**
 * The words after a command, each option of text with its value behind an equals sign. The parser passes options and
 * words that no command has, takes the option that follows for a value that is missing, and stores an empty text for
 * one at the end.
 *
 * @param words what follows the command
 * @param known the arguments of the command
 * @param help the command that lists them
 * @throws KeepsakeError `usage` for what the command does not take
 */
export function pairOptions(words: readonly string[], known: ArgsDef, help: string): string[] {
  const paired: string[] = [];
  let positionalsLeft = Object.values(known).filter(({ type }) => type === "positional").length;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    const [, name, equals] = /^--?(?:no-)?([^=]+)(=?)/.exec(word) ?? [];
    if (name === undefined || word === "-") {
      if (positionalsLeft === 0) {
        throw new KeepsakeError(
          "usage",
          `"${word}" is one word too many here; \`${help}\` says what is taken.`,
        );
      }
      positionalsLeft -= 1;
      paired.push(word);
      continue;
    }
    const argument = word.startsWith("--") && Object.hasOwn(known, name) ? known[name] : undefined;
    if (argument === undefined || argument.type === "positional") {
      const options = Object.keys(known).filter((one) => known[one]?.type !== "positional");
      const meant = didYouMean(name, options, (one) => `--${one}`);
      throw new KeepsakeError(
        "usage",
        `There is no option ${word} here${meant}; \`${help}\` lists those there are.`,
      );
    }
    if (argument.type !== "string" || equals === "=") {
      paired.push(word);
      continue;
    }
    const next = words[index + 1];
    if (next !== undefined && (next === "-" || !next.startsWith("-"))) {
      paired.push(`${word}=${next}`);
      index += 1;
    } else if (argument.valueHint?.endsWith("?") === true) paired.push(`${word}=`);
    else throw new KeepsakeError("usage", `${word} needs a value: ${word} <${argument.valueHint ?? name}>.`);
  }
  return paired;
}
