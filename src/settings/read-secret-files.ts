/**
 * Keys and passwords from files, so that they stand in no environment: neither in this process's nor in those of the
 * shell and the supervisor that started it. Read once, before any process is started.
 */
import { closeSync, openSync, readSync } from "node:fs";
import path from "node:path";

import { isMissing } from "../files/is-missing.js";
import { secretSettings } from "./setting-table.js";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface SecretFiles {
  /** The environment with the secrets that were read, each by its setting's own name. */
  readonly environment: Environment;
  /** Settings that a file gave, each with what named the file, for the sentence that refuses its value. */
  readonly sources: ReadonlyMap<string, string>;
  /** A sentence for each file that cannot be used; none holds a value. */
  readonly refused: readonly string[];
}

/** Where systemd puts credentials, <https://systemd.io/CREDENTIALS/>. */
const credentialsFolder = "CREDENTIALS_DIRECTORY";
/** More than any key or connection string has. */
const maxBytes = 65_536;

/**
 * For each secret setting `NAME`: the file that `NAME_FILE` names, a relative one below `$CREDENTIALS_DIRECTORY` where that
 * is set; else, where neither is set, the file `NAME` in that directory. White space at the ends, such as the last line
 * end, is no part of the secret.
 */
export function readSecretFiles(environment: Environment): SecretFiles {
  const read: Record<string, string> = {};
  const sources = new Map<string, string>();
  const refused: string[] = [];
  const folder = environment[credentialsFolder]?.trim() ?? "";
  for (const name of secretSettings) {
    const option = fileSetting(name);
    const named = environment[option]?.trim() ?? "";
    const isGiven = (environment[name]?.trim() ?? "") !== "";
    if (isGiven && named !== "") {
      refused.push(`${name} and ${option} are both set, and only one of them can hold: unset the other.`);
    } else if (named !== "") {
      const file = path.resolve(folder, named);
      const where = folder === "" || path.isAbsolute(named) ? "" : `, below ${credentialsFolder},`;
      const secret = readSecret(file);
      if ("fault" in secret) refused.push(`The file that ${option} names${where} ${secret.fault}.`);
      else take(name, secret.text, option);
    } else if (!isGiven && folder !== "") {
      const secret = readSecret(path.join(folder, name));
      if (!("fault" in secret)) take(name, secret.text, `the credential ${name}`);
      else if (!secret.isMissing)
        refused.push(`The credential ${name} in ${credentialsFolder} ${secret.fault}.`);
    }
  }
  return { environment: { ...environment, ...read }, sources, refused };

  function take(name: string, text: string, source: string): void {
    read[name] = text;
    sources.set(name, source);
  }
}

/** The setting that names the file of a secret. */
function fileSetting(name: string): string {
  return `${name}_FILE`;
}

type Secret = { readonly text: string } | { readonly fault: string; readonly isMissing: boolean };

/** Pipes, as shells make them of `<(command)`, are read to their end. */
function readSecret(file: string): Secret {
  const bytes = Buffer.alloc(maxBytes + 1);
  let length = 0;
  try {
    const descriptor = openSync(file, "r");
    try {
      for (;;) {
        const count = readSync(descriptor, bytes, length, bytes.length - length, null);
        length += count;
        if (count === 0 || length > maxBytes) break;
      }
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const { code = "an unknown error" } = error as NodeJS.ErrnoException;
    return { fault: `cannot be read (${code})`, isMissing: isMissing(error) };
  }
  if (length > maxBytes)
    return { fault: `has more than ${maxBytes} bytes and holds no key`, isMissing: false };
  const text = bytes.toString("utf8", 0, length).trim();
  return text === "" ? { fault: "is empty", isMissing: false } : { text };
}
