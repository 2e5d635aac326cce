import type { ObjectReader, StoredObject } from "../../http/object-reader.js";
import type { FileVersion } from "../../http/file-parts.js";
import { openHttpSource, type HttpSourceOptions } from "./http-source.js";
import type { MediaSource } from "./media-source.js";

/**
 * A file of the project's storage, read with the key. A redirect is followed like any untrusted address: only if the
 * rules allow it, and without the key.
 */
export function openObjectSource(
  objects: ObjectReader,
  object: StoredObject,
  options: HttpSourceOptions,
): MediaSource & AsyncDisposable {
  let begun: FileVersion | null = null;
  const redirected: AsyncDisposable[] = [];
  return {
    async open(offsetBytes, signal) {
      const opened = await objects.open(object, offsetBytes, begun, signal);
      if ("location" in opened) {
        const source = openHttpSource(opened.location, options);
        redirected.push(source);
        return await source.open(0, signal);
      }
      if (opened.offsetBytes === 0) begun = opened;
      return opened;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(redirected.map((source) => source[Symbol.asyncDispose]()));
    },
  };
}
