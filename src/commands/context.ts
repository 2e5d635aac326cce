import { createLog, type Log, type LogLevel } from "../log.js";
import { readConfig, type Config } from "../settings/config.js";

/** Environment, signal and streams of the process, for commands. */
export interface CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted by the first SIGTERM, SIGINT or SIGHUP. */
  readonly signal: AbortSignal;
  /** Prints one line to standard output, with control characters escaped; coloured in a terminal with colours. */
  readonly print: (line: string, colour?: "red" | "yellow") => void;
  /** Width of the terminal of standard output; null where it is not a terminal. */
  readonly columns: number | null;
  /** Clears the terminal of standard output; does nothing where it is not a terminal. */
  readonly clear: () => void;
  /** Sets the exit code of a command that succeeded but found a problem. The exit code of an error depends on its code. */
  readonly exitWith: (code: "failed" | "databaseNotReady") => void;
  /** Standard error, for progress. */
  readonly screen: NodeJS.WriteStream;
  /** Standard input, for piped data and answers to questions. */
  readonly input: NodeJS.ReadStream;
}

/**
 * @param settings settings from options of the command, which replace those of the environment
 * @param optionOf the option of each of these settings, for error messages
 */
export function configOf(
  context: CommandContext,
  settings: CommandContext["environment"] = {},
  optionOf: CommandContext["environment"] = {},
): Config {
  return readConfig({ ...context.environment, ...settings }, optionOf);
}

/** Logs JSON lines, or plain lines in a terminal. */
export function logOf(context: CommandContext, level: LogLevel): Log {
  return createLog(level, context.screen.isTTY);
}

/** Prints one JSON value on one line of standard output. */
export function printJson(context: CommandContext, value: unknown): void {
  context.print(
    JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? part.toString() : part)),
  );
}

/** The option `--json`, which every command has. */
export const jsonArgument = {
  json: { type: "boolean", description: "Print one JSON object instead of text.", default: false },
} as const;
