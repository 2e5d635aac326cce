import { createLog, type Log, type LogLevel } from "../log.js";
import { readConfig, type Config } from "../settings/config.js";

/** What every command is given; nothing else reaches out to the process. */
export interface CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted by the first SIGTERM or SIGINT. */
  readonly signal: AbortSignal;
  /** One line on standard output; whatever is in it, it stays one line and only shows. Coloured in a colour terminal. */
  readonly print: (line: string, colour?: "red" | "yellow") => void;
  /** Columns of the terminal that standard output is; null elsewhere. */
  readonly columns: number | null;
  /** Clears the terminal that standard output is; nothing elsewhere. */
  readonly clear: () => void;
  /** The exit code of a command that did its work and has bad news; an error needs none. */
  readonly exitWith: (code: "failed" | "databaseNotReady") => void;
  /** Standard error, where progress is shown. */
  readonly screen: NodeJS.WriteStream;
  /** Standard input, for what is piped in and what is asked for. */
  readonly input: NodeJS.ReadStream;
}

/**
 * @param settings that an option of the command sets instead of the environment
 * @param optionOf which option that is
 */
export function configOf(
  context: CommandContext,
  settings: CommandContext["environment"] = {},
  optionOf: CommandContext["environment"] = {},
): Config {
  return readConfig({ ...context.environment, ...settings }, optionOf);
}

/** JSON lines for machines, plain lines in a terminal. */
export function logOf(context: CommandContext, level: LogLevel): Log {
  return createLog(level, context.screen.isTTY);
}

/** One JSON value on one line of standard output. */
export function printJson(context: CommandContext, value: unknown): void {
  context.print(
    JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? part.toString() : part)),
  );
}

/** `--json`, the same everywhere. */
export const jsonArgument = {
  json: { type: "boolean", description: "Print one JSON object instead of text.", default: false },
} as const;
