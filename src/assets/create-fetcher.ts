/**
 * The border. References and files come from strangers: each is fetched from a place that is allowed, to a private
 * file, within limits, and nothing is said about what is in it. Sniffing and decoding come after, in a child.
 */
import type { ObjectReader } from "../object-reader.js";
import { createBucketBlame } from "./blame-buckets.js";
import { download, type FetchedFile } from "./download.js";
import { defaultFetchLimits, type FetchLimits } from "./fetch-limits.js";
import { openHttpSource, type HttpSourceOptions } from "./http-source.js";
import { createLocalSource } from "./local-source.js";
import { isMediaPlace, type MediaPlaces } from "./media-places.js";
import { openObjectSource } from "./object-source.js";
import { createPatience } from "./patience.js";

export interface FetcherOptions extends HttpSourceOptions {
  /** Reads files of the project's own storage with its key, of those that may be; null where there is none. */
  readonly objects: (MediaPlaces & { readonly reader: ObjectReader }) | null;
  readonly limits?: Partial<FetchLimits>;
  /** Only for `keepsake render capsule.json`: references that are no URL are files below this folder. */
  readonly relativeTo?: string;
}

export interface Fetcher {
  /**
   * @param reference URL, or `bucket/path`, as written in a row
   * @param targetPath must not exist
   * @throws KeepsakeError with fault `file`: nothing helps; with fault `world`: another attempt may
   */
  fetch(reference: string, targetPath: string, signal: AbortSignal): Promise<FetchedFile>;
}

/** For one film: what it learns about places that are out of reach, it knows for that film's other files. */
export function createFetcher(options: FetcherOptions): Fetcher {
  const limits = { ...defaultFetchLimits, ...options.limits };
  const patience = createPatience(limits);
  const blame = createBucketBlame(options.objects);
  return {
    async fetch(reference, targetPath, signal) {
      const trimmed = reference.trim();
      if (options.relativeTo !== undefined && !URL.canParse(trimmed)) {
        return await download(createLocalSource(trimmed, options.relativeTo), targetPath, limits, signal);
      }
      const { objects } = options;
      const object = objects?.reader.locate(trimmed) ?? null;
      if (objects !== null && object !== null && isMediaPlace(object, objects)) {
        await using source = openObjectSource(objects.reader, object, options);
        try {
          return await patience.spend("own", (left) => download(source, targetPath, left, signal));
        } catch (error) {
          throw await blame(error, object, signal);
        }
      }
      // Without the key, as anyone could who has the address.
      await using source = openHttpSource(trimmed, options);
      try {
        const host = URL.canParse(trimmed) ? new URL(trimmed).host : "";
        return await patience.spend(host, (left) => download(source, targetPath, left, signal));
      } catch (error) {
        throw object === null ? error : await blame(error, object, signal);
      }
    },
  };
}
