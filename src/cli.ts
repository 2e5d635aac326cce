#!/usr/bin/env node
/** The command line: picks a command, turns signals into one stop, and errors into one sentence and an exit code. */
import { stripVTControlCharacters } from "node:util";

import { defineCommand, renderUsage, runCommand } from "citty";

import type { CommandContext } from "./commands/context.js";
import { fitUsage } from "./commands/fit-usage.js";
import { findCommand, findDefault, type FoundCommand } from "./commands/find-command.js";
import { pairOptions } from "./commands/option-values.js";
import { printable } from "./printable.js";
import { KeepsakeError, toKeepsakeError } from "./errors.js";
import { protectProcess } from "./process/protect-process.js";
import { readVersion } from "./read-version.js";
import { Stop } from "./async/stop.js";
import { terminalColumns } from "./commands/terminal-columns.js";

/** Exit codes are documented in `docs/cli.md`. */
const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  databaseNotReady: 3,
  notFound: 4,
  interrupted: 130,
} as const;

/** What was named is not there, or not in a state for it. */
const unfit = new Set([
  "dead-letter-not-found",
  "capsule-not-found",
  "capsule-not-closed",
  "capsule-not-stuck",
]);

const stopping = new AbortController();
for (const signalName of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  process.on(signalName, () => {
    if (stopping.signal.aborted) {
      // systemd sends SIGHUP right after SIGTERM where SendSIGHUP=yes is set; it does not count as a second signal.
      if (signalName === "SIGHUP") return;
      process.exit(exitCodes.interrupted);
    }
    stopping.abort(new Stop("shutdown", `${signalName} was received.`));
    // Most commands have ended by then.
    if (signalName === "SIGINT" && process.stderr.isTTY) setTimeout(sayStopping, 300).unref();
  });
}

let badNews: number = exitCodes.done;
const context: CommandContext = {
  environment: process.env,
  signal: stopping.signal,
  print: (line, colour) => process.stdout.write(`${coloured(printable(line), colour)}\n`),
  columns: terminalColumns(process.stdout),
  clear: () => process.stdout.isTTY && process.stdout.write("\u001B[H\u001B[2J"),
  screen: process.stderr,
  input: process.stdin,
  exitWith: (code) => {
    badNews = exitCodes[code];
  },
};

const main = defineCommand({
  meta: { name: "keepsake", description: "Makes one film of all messages of a memorial capsule." },
  subCommands: {
    demo: async () => (await import("./commands/demo.js")).createDemoCommand(context),
    work: async () => (await import("./commands/work.js")).createWorkCommand(context),
    render: async () => (await import("./commands/render.js")).createRenderCommand(context),
    migrate: async () => (await import("./commands/migrate.js")).createMigrateCommand(context),
    enqueue: async () => (await import("./commands/enqueue.js")).createEnqueueCommand(context),
    status: async () => (await import("./commands/status.js")).createStatusCommand(context),
    films: async () => (await import("./commands/films.js")).createFilmsCommand(context),
    failed: async () => (await import("./commands/failed.js")).createFailedCommand(context),
    log: async () => (await import("./commands/log.js")).createLogCommand(context),
    forget: async () => (await import("./commands/forget.js")).createForgetCommand(context),
    cancel: async () => (await import("./commands/cancel.js")).createCancelCommand(context),
    pause: async () => (await import("./commands/pause.js")).createPauseCommand(context),
    resume: async () => (await import("./commands/resume.js")).createResumeCommand(context),
    requeue: async () => (await import("./commands/requeue.js")).createRequeueCommand(context),
    purge: async () => (await import("./commands/purge.js")).createPurgeCommand(context),
    doctor: async () => (await import("./commands/doctor.js")).createDoctorCommand(context),
    corpus: async () => (await import("./commands/corpus.js")).createCorpusCommand(context),
    bench: async () => (await import("./commands/bench.js")).createBenchCommand(context),
  },
});

// The reader of our output may stop early (`keepsake films | head`), and the terminal of a worker may be closed.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
  });
}

process.exitCode = await run(process.argv.slice(2));

async function run(rawArgs: string[]): Promise<number> {
  try {
    if (rawArgs[0] === "--version" || rawArgs[0] === "-v") {
      context.print(readVersion());
      return exitCodes.done;
    }
    const isHelp = rawArgs[0] === "help";
    const found = await findCommand(main, isHelp ? rawArgs.slice(1) : jsonLast(rawArgs));
    if (isHelp || rawArgs.length === 0 || found.words.includes("--help") || found.words.includes("-h")) {
      process.stdout.write(`${plainUnlessTerminal(await usageOf(found), process.stdout)}\n`);
      return rawArgs.length === 0 ? exitCodes.usage : exitCodes.done;
    }
    const { command, name, words } = found.isGroup ? await findDefault(found) : found;
    const known = (typeof command.args === "function" ? await command.args() : await command.args) ?? {};
    const paired = pairOptions(words, known, `${name} --help`);
    // From here on there are keys in memory.
    protectProcess();
    await runCommand(command, { rawArgs: paired });
    return badNews;
  } catch (error) {
    return explain(error, rawArgs.includes("--json"));
  }
}

/** `keepsake --json status` is `keepsake status --json`. */
function jsonLast(words: readonly string[]): readonly string[] {
  return words[0] === "--json" && words.length > 1 ? jsonLast([...words.slice(1), "--json"]) : words;
}

/** The renderer names a command by its own last word and that of its group; the group's words stand for all before. */
async function usageOf({ command, name }: FoundCommand): Promise<string> {
  const [, group = ""] = /^(.*) \S+$/.exec(name) ?? [];
  return await renderUsage(command, group === "" ? undefined : { meta: { name: group } });
}

/** `hasColors` heeds NO_COLOR and TERM; elsewhere than in a terminal there are no colours. */
function coloured(line: string, colour: "red" | "yellow" | undefined): string {
  if (colour === undefined || !process.stdout.isTTY || !process.stdout.hasColors()) return line;
  return `\u001B[${colour === "red" ? 31 : 33}m${line}\u001B[39m`;
}

function plainUnlessTerminal(text: string, stream: NodeJS.WriteStream): string {
  return stream.isTTY ? fitUsage(text, terminalColumns(stream) ?? 80) : stripVTControlCharacters(text);
}

function explain(error: unknown, asJson: boolean): number {
  if (error instanceof Stop && error.why === "shutdown") return exitCodes.interrupted;
  if (error instanceof Error && error.name === "CLIError") {
    const message = stripVTControlCharacters(error.message).replace(/\.$/, "");
    return explain(new KeepsakeError("usage", `${message}; \`--help\` says what is taken.`), asJson);
  }
  const ours = toKeepsakeError(error);
  if (asJson) context.print(JSON.stringify({ error: { code: ours.code, message: ours.message } }));
  sayLines(`keepsake: ${ours.message} [${ours.code}]`);
  if (ours.fault === "ours") sayLines(String((ours.cause instanceof Error ? ours.cause : ours).stack));
  return exitCodeOf(ours);
}

/** Over the line that shows progress, if there is one. */
function sayStopping(): void {
  context.screen.write("\r\u001B[K");
  sayLines("keepsake: stopping; press Ctrl-C again to stop now.");
}

/** Several sentences come a line each; only the first line stands at the margin. */
function sayLines(text: string): void {
  const lines = text.split("\n").map((line) => printable(line.trimEnd()));
  context.screen.write(
    `${lines.map((line, index) => (index === 0 ? line : `  ${line.trimStart()}`)).join("\n")}\n`,
  );
}

function exitCodeOf(error: KeepsakeError): number {
  if (unfit.has(error.code)) return exitCodes.notFound;
  if (error.fault !== "setup") return exitCodes.failed;
  return [
    "setting-missing",
    "setting-invalid",
    "usage",
    "development-package-missing",
    "not-confirmed",
  ].includes(error.code)
    ? exitCodes.usage
    : exitCodes.databaseNotReady;
}
