import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import path from "node:path";

import { KeepsakeError } from "../errors.js";
import { refused } from "./check-url.js";
import type { MediaSource } from "./media-source.js";

/** A file below the folder of a `capsule.json`: only for films made from files by the person who has them. */
export function createLocalSource(reference: string, folder: string): MediaSource {
  return {
    async open(offsetBytes) {
      const file = await resolveBelow(folder, reference);
      const { size } = await stat(file);
      return {
        body: createReadStream(file, { start: Math.min(offsetBytes, size) }),
        offsetBytes,
        sizeBytes: size,
      };
    },
  };
}

async function resolveBelow(folder: string, reference: string): Promise<string> {
  if (path.isAbsolute(reference) || reference.includes("\0")) throw refused("paths must be relative");
  try {
    const root = await realpath(folder);
    const file = await realpath(path.join(root, reference));
    if (!file.startsWith(root + path.sep)) throw refused("it lies outside the folder of the capsule file");
    if (!(await stat(file)).isFile()) throw new KeepsakeError("media-not-found", "The path is not a file.");
    return file;
  } catch (error) {
    if (error instanceof KeepsakeError) throw error;
    throw new KeepsakeError("media-not-found", "There is no readable file at the path.", { cause: error });
  }
}
