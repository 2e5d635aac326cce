#!/usr/bin/env node
/** The command line: picks a command, turns signals into one stop, and errors into one sentence and an exit code. */
import { stripVTControlCharacters } from "node:util";

import { defineCommand, renderUsage, runCommand, type ArgsDef, type CommandDef } from "citty";

import { jsonArgument, type CommandContext } from "./commands/context.js";
import { printable } from "./printable.js";
import { KeepsakeError, toKeepsakeError } from "./errors.js";
import { protectProcess } from "./process/protect-process.js";
import { readVersion } from "./read-version.js";
import { Stop } from "./stop.js";

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
  });
}

let badNews: number = exitCodes.done;
const context: CommandContext = {
  environment: process.env,
  signal: stopping.signal,
  print: (line) => process.stdout.write(`${printable(line)}\n`),
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

// Whoever reads our output may stop reading (`keepsake films | head`), or close the terminal of a worker.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
  });
}

process.exitCode = await run(process.argv.slice(2));

async function run(rawArgs: string[]): Promise<number> {
  try {
    const { command, parent, depth } = await findCommand(rawArgs);
    if (rawArgs.length === 0 || rawArgs.includes("--help") || rawArgs.includes("-h")) {
      process.stdout.write(`${plainUnlessTerminal(await renderUsage(command, parent), process.stdout)}\n`);
      return rawArgs.length === 0 ? exitCodes.usage : exitCodes.done;
    }
    if (rawArgs[0] === "--version") {
      context.print(readVersion());
      return exitCodes.done;
    }
    await refuseUnknown(command, rawArgs.slice(depth));
    // From here on there are keys in memory.
    protectProcess();
    await runCommand(main, { rawArgs });
    return badNews;
  } catch (error) {
    return explain(error, rawArgs.includes("--json"));
  }
}

/** The command that the words name, as deep as they go, and the one it belongs to. */
async function findCommand(rawArgs: readonly string[]): Promise<{
  readonly command: CommandDef;
  readonly parent: CommandDef | undefined;
  readonly depth: number;
}> {
  let command: CommandDef = main;
  let parent: CommandDef | undefined;
  let depth = 0;
  for (const word of rawArgs) {
    const subCommands = typeof command.subCommands === "object" ? await command.subCommands : {};
    const next = subCommands[word];
    if (next === undefined) break;
    parent = command;
    depth += 1;
    command = (typeof next === "function" ? await next() : await next) as CommandDef;
  }
  return { command, parent, depth };
}

/** The parser lets options and words pass that no command has; a mistyped one would be silently ignored. */
async function refuseUnknown(command: CommandDef, words: readonly string[]): Promise<void> {
  const known: ArgsDef = typeof command.args === "object" ? await command.args : { ...jsonArgument };
  let positionalsLeft = Object.values(known).filter((argument) => argument.type === "positional").length;
  const hasSubCommands = command.subCommands !== undefined;
  for (const [index, word] of words.entries()) {
    const option = /^--?(?:no-)?([^=]+)/.exec(word)?.[1];
    if (option !== undefined) {
      if (word.startsWith("--") && option in known) continue;
      throw new KeepsakeError("usage", `There is no option ${word} here; --help lists those there are.`);
    }
    const before = /^--([^=]+)$/.exec(words[index - 1] ?? "")?.[1];
    const isValue = before !== undefined && known[before]?.type === "string";
    if (isValue || hasSubCommands) continue;
    if (positionalsLeft === 0) {
      throw new KeepsakeError("usage", `"${word}" is one word too many here; --help says what is taken.`);
    }
    positionalsLeft -= 1;
  }
}

function plainUnlessTerminal(text: string, stream: NodeJS.WriteStream): string {
  return stream.isTTY ? text : stripVTControlCharacters(text);
}

function explain(error: unknown, asJson: boolean): number {
  if (error instanceof Stop && error.why === "shutdown") return exitCodes.interrupted;
  if (error instanceof Error && error.name === "CLIError") {
    const message = stripVTControlCharacters(error.message).replace(/\.$/, "");
    sayLines(`keepsake: ${message}. See keepsake --help.`);
    return exitCodes.usage;
  }
  const ours = toKeepsakeError(error);
  if (asJson) context.print(JSON.stringify({ error: { code: ours.code, message: ours.message } }));
  sayLines(`keepsake: ${ours.message} [${ours.code}]`);
  if (ours.fault === "ours") sayLines(String((ours.cause instanceof Error ? ours.cause : ours).stack));
  return exitCodeOf(ours);
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
