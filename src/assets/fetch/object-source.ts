import type { ObjectReader, StoredObject } from "../../http/object-reader.js";
import type { FileVersion } from "../../http/range-resume.js";
import { openHttpSource, type HttpSourceOptions } from "./http-source.js";
import type { MediaSource } from "./media-source.js";

/**
 * A file of the project's own storage, read with its key. Where the storage sends the reader elsewhere, it goes there
 * as to any address of a stranger's: if the rules allow it, and without the key.
 */
export function openObjectSource(
  objects: ObjectReader,
  object: StoredObject,
  options: HttpSourceOptions,
): MediaSource & AsyncDisposable {
  let begun: FileVersion | null = null;
  const elsewhere: AsyncDisposable[] = [];
  return {
    async open(offsetBytes, signal) {
      const opened = await objects.open(object, offsetBytes, begun, signal);
      if ("location" in opened) {
        const source = openHttpSource(opened.location, options);
        elsewhere.push(source);
        return await source.open(0, signal);
      }
      if (opened.offsetBytes === 0) begun = opened;
      return opened;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(elsewhere.map((source) => source[Symbol.asyncDispose]()));
    },
  };
}
