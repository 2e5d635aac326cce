/** Runs one command: turns signals into one stop, and errors into sentences and an exit code. */
import { stripVTControlCharacters } from "node:util";

import { renderUsage, runCommand, type ArgsDef, type CommandDef } from "citty";

import { KeepsakeError, toKeepsakeError } from "../../errors.js";
import { printable } from "../../printable.js";
import { waitForStarters } from "../../process/confined-starter.js";
import { protectProcess } from "../../process/protect-process.js";
import { readVersion } from "../../read-version.js";
import { Stop } from "../../async/stop.js";
import type { CommandContext } from "../context.js";
import { exitCodeOf, exitCodes } from "./exit-codes.js";
import { findCommand, findDefault, type FoundCommand } from "./find-command.js";
import { fitUsage } from "./fit-usage.js";
import { pairOptions } from "./option-values.js";
import { terminalColumns } from "./terminal-columns.js";

/**
 * @param createMain returns the command that contains all others; its `meta.name` is the name that people type
 * @param environment environment variables with the settings
 * @returns the exit code of the process
 */
export async function runCommandLine<Args extends ArgsDef>(
  createMain: (context: CommandContext) => CommandDef<Args>,
  environment: CommandContext["environment"],
): Promise<number> {
  ignoreClosedOutputs();
  let exitCode: number = exitCodes.done;
  const context: CommandContext = {
    environment,
    signal: stopOnSignals(),
    print,
    columns: terminalColumns(process.stdout),
    clear: () => process.stdout.isTTY && process.stdout.write("\u001B[H\u001B[2J"),
    screen: process.stderr,
    input: process.stdin,
    exitWith: (code) => {
      exitCode = exitCodes[code];
    },
  };
  const rawArgs = process.argv.slice(2);
  try {
    if (rawArgs[0] === "--version" || rawArgs[0] === "-v") {
      print(readVersion());
      return exitCodes.done;
    }
    const isHelp = rawArgs[0] === "help";
    const main = createMain(context) as unknown as CommandDef;
    const found = await findCommand(main, isHelp ? rawArgs.slice(1) : jsonLast(rawArgs));
    if (isHelp || rawArgs.length === 0 || found.words.includes("--help") || found.words.includes("-h")) {
      process.stdout.write(`${plainUnlessTerminal(await usageOf(found), process.stdout)}\n`);
      return rawArgs.length === 0 ? exitCodes.usage : exitCodes.done;
    }
    const { command, name, words } = found.isGroup ? await findDefault(found) : found;
    const known = (typeof command.args === "function" ? await command.args() : await command.args) ?? {};
    const paired = pairOptions(words, known, `${name} --help`);
    // The command may read keys into memory.
    protectProcess();
    await runCommand(command, { rawArgs: paired });
    return exitCode;
  } catch (error) {
    return reportError(error, rawArgs.includes("--json"));
  }
}

/** The first signal stops the command, the second one ends the process. */
function stopOnSignals(): AbortSignal {
  const stopping = new AbortController();
  for (const signalName of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signalName, () => {
      if (stopping.signal.aborted) {
        // systemd sends SIGHUP right after SIGTERM where SendSIGHUP=yes is set; it does not count as a second signal.
        if (signalName === "SIGHUP") return;
        void waitForStarters().then(() => process.exit(exitCodes.interrupted));
        return;
      }
      stopping.abort(new Stop("shutdown", `${signalName} was received.`));
      // Most commands end before that and need no message.
      if (signalName === "SIGINT" && process.stderr.isTTY) setTimeout(announceStop, 300).unref();
    });
  }
  return stopping.signal;
}

/** Ignores errors of closed outputs: `keepsake films | head` closes a pipe early, and a worker's terminal may be closed. */
function ignoreClosedOutputs(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
    });
  }
}

/** Moves a leading `--json` to the end: `keepsake --json status` means `keepsake status --json`. */
function jsonLast(words: readonly string[]): readonly string[] {
  return words[0] === "--json" && words.length > 1 ? jsonLast([...words.slice(1), "--json"]) : words;
}

/** Renders the help of a command. citty shows its last word after the name of its group. */
async function usageOf({ command, group }: FoundCommand): Promise<string> {
  return await renderUsage(command, group === null ? undefined : { meta: { name: group } });
}

function print(line: string, colour?: "red" | "yellow"): void {
  process.stdout.write(`${coloured(printable(line), colour)}\n`);
}

/** Colours the line only in a terminal with colours; `hasColors` respects NO_COLOR and TERM. */
function coloured(line: string, colour: "red" | "yellow" | undefined): string {
  if (colour === undefined || !process.stdout.isTTY || !process.stdout.hasColors()) return line;
  return `\u001B[${colour === "red" ? 31 : 33}m${line}\u001B[39m`;
}

function plainUnlessTerminal(text: string, stream: NodeJS.WriteStream): string {
  return stream.isTTY ? fitUsage(text, terminalColumns(stream) ?? 80) : stripVTControlCharacters(text);
}

/** @returns the exit code */
function reportError(error: unknown, asJson: boolean): number {
  if (error instanceof Stop && error.why === "shutdown") return exitCodes.interrupted;
  if (error instanceof Error && error.name === "CLIError") {
    const message = stripVTControlCharacters(error.message).replace(/\.$/, "");
    return reportError(
      new KeepsakeError("usage", `${message}; \`--help\` lists what is accepted.`, { cause: error }),
      asJson,
    );
  }
  const ours = toKeepsakeError(error);
  if (asJson) print(JSON.stringify({ error: { code: ours.code, message: ours.message } }));
  printError(`keepsake: ${ours.message} [${ours.code}]`);
  if (ours.fault === "ours") printError(String((ours.cause instanceof Error ? ours.cause : ours).stack));
  return exitCodeOf(ours);
}

/** Overwrites the line that shows progress, if there is one. */
function announceStop(): void {
  process.stderr.write("\r\u001B[K");
  printError("keepsake: stopping; press Ctrl-C again to stop now.");
}

/** Prints each sentence on a separate line; all but the first are indented. */
function printError(text: string): void {
  const lines = text.split("\n").map((line) => printable(line.trimEnd()));
  process.stderr.write(
    `${lines.map((line, index) => (index === 0 ? line : `  ${line.trimStart()}`)).join("\n")}\n`,
  );
}
