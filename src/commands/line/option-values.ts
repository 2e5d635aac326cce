import type { ArgsDef } from "citty";

import { KeepsakeError } from "../../errors.js";
import { didYouMean } from "./did-you-mean.js";

/** Marks an option whose value may be left out. */
export function optionalValue(hint: string): string {
  return `${hint}?`;
}

/**
 * Checks the words after a command and joins each text option to its value with an equals sign. citty itself accepts
 * unknown options and surplus words, reads a following option as a missing value, and stores an empty text for a value
 * missing at the end.
 *
 * @param words words after the command
 * @param accepted arguments of the command
 * @param help command that prints these arguments
 * @throws KeepsakeError `usage` for a word or an option that the command does not accept
 */
export function pairOptions(words: readonly string[], accepted: ArgsDef, help: string): string[] {
  const paired: string[] = [];
  let positionalsLeft = Object.values(accepted).filter(({ type }) => type === "positional").length;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    const [, name, equals] = /^--?(?:no-)?([^=]+)(=?)/.exec(word) ?? [];
    if (name === undefined || word === "-") {
      if (positionalsLeft === 0) {
        throw new KeepsakeError(
          "usage",
          `Unexpected argument "${word}"; \`${help}\` lists what is accepted.`,
        );
      }
      positionalsLeft -= 1;
      paired.push(word);
      continue;
    }
    const argument = word.startsWith("--") && Object.hasOwn(accepted, name) ? accepted[name] : undefined;
    if (argument === undefined || argument.type === "positional") {
      const options = Object.keys(accepted).filter((one) => accepted[one]?.type !== "positional");
      const meant = didYouMean(name, options, (one) => `--${one}`);
      throw new KeepsakeError(
        "usage",
        `There is no option ${word} here${meant}; \`${help}\` lists all options.`,
      );
    }
    if ((argument.type !== "string" && argument.type !== "enum") || equals === "=") {
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
