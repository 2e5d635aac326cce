import { pino, type Logger } from "pino";
import { PinoPretty } from "pino-pretty";

export type Log = Logger;
export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** JSON lines on standard error, or plain lines where a person looks on. Logs carry ids, never people's words or names. */
export function createLog(level: LogLevel, forTerminal: boolean): Log {
  const destination = forTerminal
    ? PinoPretty({ destination: 2, sync: true, ignore: "pid,hostname", translateTime: "HH:MM:ss" })
    : pino.destination({ dest: 2, sync: true });
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
