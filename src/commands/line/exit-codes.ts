import type { ErrorCode, KeepsakeError } from "../../errors.js";

/** Exit codes of every command; `docs/cli.md` documents them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  databaseNotReady: 3,
  notFound: 4,
  interrupted: 130,
} as const;

/** Codes for a capsule or dead letter that does not exist, or whose state does not allow the command. */
const notFoundCodes: ReadonlySet<ErrorCode> = new Set([
  "dead-letter-not-found",
  "capsule-not-found",
  "capsule-not-closed",
  "capsule-not-stuck",
]);

const usageCodes: ReadonlySet<ErrorCode> = new Set([
  "setting-missing",
  "setting-invalid",
  "usage",
  "development-package-missing",
  "not-confirmed",
]);

export function exitCodeOf({ code, fault }: KeepsakeError): number {
  if (notFoundCodes.has(code)) return exitCodes.notFound;
  if (fault !== "setup") return exitCodes.failed;
  return usageCodes.has(code) ? exitCodes.usage : exitCodes.databaseNotReady;
}
