/**
 * The border. References and files come from strangers: each is fetched from a place that is allowed, to a private
 * file, within limits, and nothing is said about what is in it. Sniffing and decoding come after, in a child.
 */
import { rm } from "node:fs/promises";

import { KeepsakeError } from "../errors.js";
import type { ObjectReader } from "../object-reader.js";
import { createBucketBlame } from "./blame-buckets.js";
import { download, type FetchedFile, type OnBytes } from "./download.js";
import { defaultFetchLimits, type FetchLimits } from "./fetch-limits.js";
import { openHttpSource, type HttpSourceOptions } from "./http-source.js";
import { judgeReference, nameTheBucket } from "./judge-references.js";
import { createLocalSource } from "./local-source.js";
import type { MediaPlaces } from "./media-places.js";
import { openObjectSource } from "./object-source.js";
import { createPatience } from "./patience.js";
import { unwrapUpload } from "./unwrap-upload.js";

export interface FetcherOptions extends HttpSourceOptions {
  /** Reads files of the project's own storage with its key, of those that may be; null where there is none. */
  readonly objects: (MediaPlaces & { readonly reader: ObjectReader }) | null;
  readonly limits?: Partial<FetchLimits>;
  /** Only for `keepsake render capsule.json`: references that are no URL are files below this folder. */
  readonly relativeTo?: string;
}

export interface Fetcher {
  /** The same for references that name the same file, such as two signed addresses of it. */
  keyOf(reference: string): string;
  /**
   * @param reference URL, or `bucket/path`, as written in a row
   * @param targetPath must not exist
   * @throws KeepsakeError with fault `file`: nothing helps; with fault `world`: another attempt may
   */
  fetch(reference: string, targetPath: string, signal: AbortSignal, onBytes?: OnBytes): Promise<FetchedFile>;
}

/** For one film: what it learns about places that are out of reach, it knows for that film's other files. */
export function createFetcher(options: FetcherOptions): Fetcher {
  const limits = { ...defaultFetchLimits, ...options.limits };
  const patience = createPatience(limits);
  const blame = createBucketBlame(options.objects);
  const asStored: Fetcher = {
    keyOf: (reference) => judgeReference(reference.trim(), options).key,
    async fetch(reference, targetPath, signal, onBytes) {
      const judged = judgeReference(reference.trim(), options);
      if (judged.from === "nowhere") {
        throw await blame(judged.error, { inside: null, outside: judged.outside }, signal);
      }
      if (judged.from === "file") {
        const source = createLocalSource(judged.path, options.relativeTo ?? "");
        return await download(source, targetPath, limits, signal, onBytes);
      }
      if (judged.from === "web") {
        const { url, outside } = judged;
        await using source = openHttpSource(url.href, options);
        try {
          return await patience.spend(url.host, (left) =>
            download(source, targetPath, left, signal, onBytes),
          );
        } catch (error) {
          if (outside === null || !(error instanceof KeepsakeError)) throw error;
          throw await blame(nameTheBucket(error, outside), { inside: null, outside }, signal);
        }
      }
      const { reader } = options.objects ?? {};
      if (reader === undefined) throw new KeepsakeError("internal", "There is no storage to read from.");
      let asWritten: unknown = null;
      for (const object of judged.objects) {
        await using source = openObjectSource(reader, object, options);
        try {
          return await patience.spend("own", (left) => download(source, targetPath, left, signal, onBytes));
        } catch (error) {
          if (!(error instanceof KeepsakeError) || error.code !== "media-not-found") throw error;
          asWritten ??= error;
          await rm(targetPath, { force: true });
        }
      }
      const { outside } = judged;
      const named =
        outside === null || !(asWritten instanceof KeepsakeError)
          ? asWritten
          : nameTheBucket(asWritten, outside);
      throw await blame(named, { inside: judged.objects[0], outside }, signal);
    },
  };
  return {
    ...asStored,
    async fetch(reference, targetPath, signal, onBytes) {
      const fetched = await asStored.fetch(reference, targetPath, signal, onBytes);
      return (await unwrapUpload(targetPath, limits.minFreeBytes, signal)) ?? fetched;
    },
  };
}
