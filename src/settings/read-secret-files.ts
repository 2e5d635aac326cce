/**
 * Reads keys and passwords from files, so that no environment contains them: not that of this process, and not those of
 * the shell and the supervisor that started it. They are read once, before any child process is started.
 */
import { closeSync, openSync, readSync } from "node:fs";
import path from "node:path";

import { isMissing } from "../files/is-missing.js";
import { secretSettings } from "./setting-table.js";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface SecretFiles {
  /** The environment with the secrets that were read, each under its setting's own name. */
  readonly environment: Environment;
  /** Settings that came from a file, each with the setting or credential that named the file, for error messages. */
  readonly sources: ReadonlyMap<string, string>;
  /** A sentence for each file that cannot be used; none contains a value. */
  readonly faults: readonly string[];
}

/** The folder with systemd's credentials, <https://systemd.io/CREDENTIALS/>. */
const credentialsFolder = "CREDENTIALS_DIRECTORY";
/** No key or connection string is longer. */
const maxBytes = 65_536;

/**
 * Reads each secret setting `NAME` from the file that `NAME_FILE` names; a relative name is below
 * `$CREDENTIALS_DIRECTORY`, where that is set. Where neither is set, the file `NAME` in that directory is read. White space
 * at both ends, such as the last line end, is removed.
 */
export function readSecretFiles(environment: Environment): SecretFiles {
  const read: Record<string, string> = {};
  const sources = new Map<string, string>();
  const faults: string[] = [];
  const folder = environment[credentialsFolder]?.trim() ?? "";
  for (const name of secretSettings) {
    const option = fileSetting(name);
    const named = environment[option]?.trim() ?? "";
    const isGiven = (environment[name]?.trim() ?? "") !== "";
    if (isGiven && named !== "") {
      faults.push(`${name} and ${option} are both set: unset one of them.`);
    } else if (named !== "") {
      const file = path.resolve(folder, named);
      const where = folder === "" || path.isAbsolute(named) ? "" : `, below ${credentialsFolder},`;
      const secret = readSecret(file);
      if ("fault" in secret) faults.push(`The file that ${option} names${where} ${secret.fault}.`);
      else store(name, secret.text, option);
    } else if (!isGiven && folder !== "") {
      const secret = readSecret(path.join(folder, name));
      if (!("fault" in secret)) store(name, secret.text, `the credential ${name}`);
      else if (!secret.isMissing)
        faults.push(`The credential ${name} in ${credentialsFolder} ${secret.fault}.`);
    }
  }
  return { environment: { ...environment, ...read }, sources, faults };

  function store(name: string, text: string, source: string): void {
    read[name] = text;
    sources.set(name, source);
  }
}

/** Returns the name of the setting for the file of a secret. */
function fileSetting(name: string): string {
  return `${name}_FILE`;
}

type Secret = { readonly text: string } | { readonly fault: string; readonly isMissing: boolean };

/** Reads a file or a pipe to its end. Shells pass `<(command)` as a pipe. */
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
    return { fault: `has more than ${maxBytes} bytes, so it contains no key`, isMissing: false };
  const text = bytes.toString("utf8", 0, length).trim();
  return text === "" ? { fault: "is empty", isMissing: false } : { text };
}
