/**
 * The border. References and files come from strangers: each is fetched from a place that is allowed, to a private
 * file, within limits, and nothing is said about what is in it. Sniffing and decoding come after, in a child.
 */
import type { ObjectReader, StoredObject } from "../object-reader.js";
import type { UrlRules } from "./check-url.js";
import { defaultFetchLimits, download, type FetchedFile, type FetchLimits } from "./download.js";
import { openHttpSource } from "./http-source.js";
import { createLocalSource } from "./local-source.js";
import type { MediaSource } from "./media-source.js";

export interface FetcherOptions extends UrlRules {
  /** Reads files of the project's own storage with its key; null where there is none. */
  readonly objects: ObjectReader | null;
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

export function createFetcher(options: FetcherOptions): Fetcher {
  const limits = { ...defaultFetchLimits, ...options.limits };
  return {
    async fetch(reference, targetPath, signal) {
      const trimmed = reference.trim();
      if (options.relativeTo !== undefined && !URL.canParse(trimmed)) {
        return await download(createLocalSource(trimmed, options.relativeTo), targetPath, limits, signal);
      }
      const object = options.objects?.locate(trimmed) ?? null;
      if (options.objects !== null && object !== null) {
        return await download(createObjectSource(options.objects, object), targetPath, limits, signal);
      }
      await using source = openHttpSource(trimmed, options);
      return await download(source, targetPath, limits, signal);
    },
  };
}

function createObjectSource(objects: ObjectReader, object: StoredObject): MediaSource {
  return {
    async open(offsetBytes, signal) {
      return { ...(await objects.open(object, offsetBytes, signal)), offsetBytes };
    },
  };
}
