import { Writable } from "node:stream";

import { pino, type Logger } from "pino";
import { PinoPretty } from "pino-pretty";

import { printable } from "./printable.js";

export type Log = Logger;
export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** JSON lines on standard error, or lines for a person in a terminal. Logs carry ids, never people's words or names. */
export function createLog(level: LogLevel, forTerminal: boolean): Log {
  const destination = forTerminal
    ? PinoPretty({
        destination: openTerminal(),
        singleLine: true,
        translateTime: "UTC:yyyy-mm-dd HH:MM:ss'Z'",
        // Otherwise it asks standard output, which may be a file.
        colorize: process.stderr.isTTY && process.stderr.hasColors(),
      })
    : pino.destination({ dest: 2, sync: true });
  // A log that nobody can read any more, as in a terminal that was closed, is no reason to leave a film.
  destination.on("error", () => undefined);
  const streamWrite = (line: string) => `${forTerminal ? harmless(line) : printable(line.trimEnd())}\n`;
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite },
    },
    destination,
  );
}

/** A record takes the place of the line that shows progress, if there is one; that line is written again below it. */
function openTerminal(): Writable {
  return new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      // To a terminal Node writes at once. The command line hears of one that was closed.
      process.stderr.write(`\r\u001B[K${text}`);
      done();
    },
  });
}

/** What a line quotes of other programs is opened for a terminal, where it must not act, nor look like another line. */
function harmless(line: string): string {
  return JSON.stringify(
    JSON.parse(line, (key, value: unknown) => {
      if (typeof value !== "string") return value;
      return key === "stack" ? value.split("\n").map(printable).join("\n") : printable(value);
    }),
  );
}
