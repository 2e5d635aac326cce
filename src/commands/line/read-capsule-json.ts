import { open } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";

/** Much more than a capsule may contain. */
const maxBytes = 64 * 2 ** 20;
const byteOrderMarksOfUtf16 = new Set(["fffe", "feff"]);

/**
 * Reads a `capsule.json`, in UTF-8 with or without a byte order mark.
 * @throws KeepsakeError `capsule-file-unreadable`, which names the line that is wrong, but does not quote it
 */
export async function readCapsuleJson(file: string): Promise<object> {
  const text = decode(await readBytes(file), file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(file, `is not valid JSON${lineOf(error, text)}`);
  }
  if (typeof value === "object" && value !== null) return value;
  throw unreadable(file, "does not contain an object");
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    await using opened = await open(file);
    const stat = await opened.stat();
    if (!stat.isFile()) throw unreadable(file, "is not a file");
    if (stat.size > maxBytes) throw unreadable(file, `is larger than ${maxBytes / 2 ** 20} MiB`);
    return await opened.readFile();
  } catch (error) {
    if (error instanceof KeepsakeError) throw error;
    throw unreadable(file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? "no reason given"})`);
  }
}

function decode(bytes: Buffer, file: string): string {
  if (byteOrderMarksOfUtf16.has(bytes.toString("hex", 0, 2))) {
    throw unreadable(file, "is in UTF-16: save it in UTF-8");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(file, "is not in UTF-8");
  }
}

/** Returns the line of a syntax error. The engine's own message quotes the file and must not be shown. */
function lineOf(error: unknown, text: string): string {
  const position = /position (\d+)/.exec((error as Error).message)?.[1];
  return position === undefined ? "" : `: line ${text.slice(0, Number(position)).split("\n").length}`;
}

function unreadable(file: string, what: string): KeepsakeError {
  return new KeepsakeError(
    "capsule-file-unreadable",
    `${file} ${what}. It must contain {"capsule": {…}, "messages": [{…}, …]}; examples/capsule.json shows one.`,
  );
}
