import type { CommandDef } from "citty";

import { KeepsakeError } from "../../errors.js";
import { didYouMean } from "./did-you-mean.js";

export interface FoundCommand {
  readonly command: CommandDef;
  /** The words that people type, e.g. `keepsake failed list`. */
  readonly name: string;
  /** Name of the group that the command belongs to; null for the main command. */
  readonly group: string | null;
  /** Words after the command. */
  readonly words: readonly string[];
  /** Whether it only contains other commands. */
  readonly isGroup: boolean;
}

/**
 * Finds the command that the first words name, at any depth. citty's own search ignores a word that names no command.
 * @throws KeepsakeError `usage` for a word that names none
 */
export async function findCommand(main: CommandDef, words: readonly string[]): Promise<FoundCommand> {
  let command = main;
  let name = (await resolve(main.meta))?.name ?? "";
  let group: string | null = null;
  let depth = 0;
  for (;;) {
    const subCommands = await resolve(command.subCommands);
    const word = words[depth];
    const isNamed = word !== undefined && !word.startsWith("-");
    if (subCommands === undefined || !isNamed) {
      return { command, name, group, words: words.slice(depth), isGroup: subCommands !== undefined };
    }
    if (!Object.hasOwn(subCommands, word)) throw unknownCommand(word, name, Object.keys(subCommands));
    command = (await resolve(subCommands[word])) as CommandDef;
    group = name;
    name = `${name} ${word}`;
    depth += 1;
  }
}

/**
 * Finds the command that runs if only the name of a group is given.
 * @throws KeepsakeError `usage` where the group has no such command
 */
export async function findDefault(group: FoundCommand): Promise<FoundCommand> {
  const subCommands = (await resolve(group.command.subCommands)) ?? {};
  const word = await resolve(group.command.default);
  if (word !== undefined) {
    const command = (await resolve(subCommands[word])) as CommandDef;
    return { ...group, command, name: `${group.name} ${word}`, group: group.name, isGroup: false };
  }
  throw new KeepsakeError(
    "usage",
    `${group.name} needs a command: one of ${Object.keys(subCommands).join(", ")}.`,
  );
}

async function resolve<Value>(
  value: Value | Promise<Value> | (() => Value | Promise<Value>),
): Promise<Value> {
  return typeof value === "function" ? await (value as () => Value | Promise<Value>)() : await value;
}

function unknownCommand(word: string, group: string, names: readonly string[]): KeepsakeError {
  return new KeepsakeError(
    "usage",
    `Unknown command ${word.slice(0, 60)}${didYouMean(word, names)}. \`${group} --help\` lists all commands.`,
  );
}
