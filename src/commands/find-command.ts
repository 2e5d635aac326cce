import type { CommandDef } from "citty";

import { KeepsakeError } from "../errors.js";
import { didYouMean } from "./did-you-mean.js";

export interface FoundCommand {
  readonly command: CommandDef;
  /** As it is typed, e.g. `keepsake failed list`. */
  readonly name: string;
  /** What follows it. */
  readonly words: readonly string[];
  /** It has commands of its own, and does nothing by itself. */
  readonly isGroup: boolean;
}

/**
 * The command that the words name, as deep as they go.
 * @throws KeepsakeError `usage` for a word that names none
 */
export async function findCommand(main: CommandDef, words: readonly string[]): Promise<FoundCommand> {
  let command = main;
  let name = "keepsake";
  let depth = 0;
  for (;;) {
    const subCommands = await commandsOf(command);
    const word = words[depth];
    const isNamed = word !== undefined && !word.startsWith("-");
    if (subCommands === null || !isNamed) {
      return { command, name, words: words.slice(depth), isGroup: subCommands !== null };
    }
    if (!Object.hasOwn(subCommands, word)) throw unknownCommand(word, name, Object.keys(subCommands));
    command = await resolve(subCommands[word]);
    name = `${name} ${word}`;
    depth += 1;
  }
}

/**
 * What runs where a group is named alone.
 * @throws KeepsakeError `usage` where the group has no such command
 */
export async function findDefault(group: FoundCommand): Promise<FoundCommand> {
  const subCommands = (await commandsOf(group.command)) ?? {};
  const word = group.command.default;
  if (typeof word === "string") {
    return {
      ...group,
      command: await resolve(subCommands[word]),
      name: `${group.name} ${word}`,
      isGroup: false,
    };
  }
  throw new KeepsakeError(
    "usage",
    `No command is named: ${group.name} takes one of ${Object.keys(subCommands).join(", ")}.`,
  );
}

async function commandsOf(command: CommandDef): Promise<Readonly<Record<string, unknown>> | null> {
  const subCommands = command.subCommands;
  if (subCommands === undefined) return null;
  return typeof subCommands === "function" ? await subCommands() : await subCommands;
}

async function resolve(command: unknown): Promise<CommandDef> {
  return (typeof command === "function" ? await command() : await command) as CommandDef;
}

function unknownCommand(word: string, group: string, names: readonly string[]): KeepsakeError {
  return new KeepsakeError(
    "usage",
    `Unknown command ${word.slice(0, 60)}${didYouMean(word, names)}: \`${group} --help\` lists those there are.`,
  );
}
