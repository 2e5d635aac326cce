import { Writable } from "node:stream";

import { pino, type Logger } from "pino";
import { PinoPretty } from "pino-pretty";

import { printable } from "./printable.js";

export type Log = Logger;
export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Creates a log of JSON lines on standard error, or of plain lines in a terminal. Logs contain ids, never user content. */
export function createLog(level: LogLevel, forTerminal: boolean): Log {
  const destination = forTerminal
    ? PinoPretty({
        destination: openTerminal(),
        singleLine: true,
        translateTime: "UTC:yyyy-mm-dd HH:MM:ss'Z'",
        // The default checks standard output, which may be a file.
        colorize: process.stderr.isTTY && process.stderr.hasColors(),
      })
    : pino.destination({ dest: 2, sync: true });
  // A log that can no longer be written, for example to a closed terminal, must not end a film.
  destination.on("error", () => undefined);
  const streamWrite = (line: string) => `${forTerminal ? escapeRecord(line) : printable(line.trimEnd())}\n`;
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

/** Opens the terminal. A record overwrites the progress line, if there is one, which is then written again below it. */
function openTerminal(): Writable {
  return new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      // Node writes synchronously to a terminal. The command line handles the error of a closed one.
      process.stderr.write(`\r\u001B[K${text}`);
      done();
    },
  });
}

/** Escapes control characters in a record, which may quote other programs, for a terminal. */
function escapeRecord(line: string): string {
  return JSON.stringify(
    JSON.parse(line, (key, value: unknown) => {
      if (typeof value !== "string") return value;
      return key === "stack" ? value.split("\n").map(printable).join("\n") : printable(value);
    }),
  );
}
