/**
 * The border. References and files come from strangers: each is fetched from a place that is allowed, to a private
 * file, within limits, and nothing is said about what is in it. Sniffing and decoding come after, in a child.
 */
import { rm } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import type { ObjectReader } from "../../http/object-reader.js";
import { createBucketExplainer } from "./explain-buckets.js";
import { createBucketLookup } from "./bucket-lookup.js";
import { download, type FetchedFile, type OnBytes } from "./download.js";
import { defaultFetchLimits, type FetchLimits } from "./fetch-limits.js";
import { openHttpSource, type HttpSourceOptions } from "./http-source.js";
import { judgeReference, nameTheBucket, type JudgedReference } from "./judge-references.js";
import { createLocalSource } from "./local-source.js";
import { absentVersion, readReferenceVersion, rejectedVersion } from "./check-version.js";
import type { MediaPlaces } from "./media-places.js";
import { openObjectSource } from "./object-source.js";
import { createPatience } from "./host-retries.js";
import {
  rejectIfThere,
  rejectUndecided,
  type JudgedName,
  type UndecidedReference,
} from "./undecided-buckets.js";
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
   * @throws KeepsakeError with fault `file`: nothing helps; with fault `world`: another attempt may; `media-setup`: the
   *   operator has to say first whether messages may name the file
   */
  fetch(reference: string, targetPath: string, signal: AbortSignal, onBytes?: OnBytes): Promise<FetchedFile>;
}

/** What a capsule's messages name, all together. */
export interface CapsuleFetcher extends Fetcher {
  /**
   * To be called before the first file is fetched.
   * @param references all that the capsule's messages name
   * @throws KeepsakeError `media-setup` where the operator has to say first whether messages may name some of them
   */
  rejectUndecided(references: readonly string[], signal: AbortSignal): Promise<void>;
  /**
   * What a reference leads to now, asked for without the file's bytes: the same text as `versionOf` gave for it only where
   * fetching would bring the same bytes, or fail in the same way. Null where that cannot be told.
   */
  look(reference: string, signal: AbortSignal): Promise<string | null>;
  /** What a reference that was fetched led to, or failed for; null where that cannot be told again without fetching. */
  versionOf(reference: string): string | null;
}

/** For one film: what it learns about places that are out of reach, it knows for that film's other files. */
export function createFetcher(options: FetcherOptions): CapsuleFetcher {
  const { objects } = options;
  const limits = { ...defaultFetchLimits, ...options.limits };
  const patience = createPatience(limits);
  const find = createBucketLookup(objects?.reader ?? null);
  const blame = createBucketExplainer(objects, find);
  const versions = new Map<string, string | null>();
  let names: readonly JudgedName[] = [];
  const judge = (reference: string): JudgedReference => judgeReference(reference.trim(), options);
  const rulesWith = (own: NonNullable<FetcherOptions["objects"]>) => ({
    objects: own,
    find,
    http: options,
    retrySeconds: limits.retrySeconds,
  });

  const fetchUndecided = async (
    judged: UndecidedReference,
    name: JudgedName,
    fetchFrom: (address: string, place: string) => Promise<FetchedFile>,
    targetPath: string,
    signal: AbortSignal,
  ): Promise<FetchedFile> => {
    if (objects === null) throw noStorage();
    const { reader } = objects;
    const [first] = judged.objects;
    const ofFirst = reader.addressesWithoutKey(judged.reference, [first]);
    for (const address of reader.addressesWithoutKey(judged.reference, judged.objects)) {
      try {
        const file = await fetchFrom(address, "own");
        return ofFirst.includes(address) ? file : { ...file, version: null };
      } catch (error) {
        if (!(error instanceof KeepsakeError) || error.fault !== "file") throw error;
        if (error.code !== "media-not-found" && error.code !== "media-forbidden") throw error;
        await rm(targetPath, { force: true });
      }
    }
    await rejectIfThere(judged, names.length === 0 ? [name] : names, rulesWith(objects), signal);
    throw new KeepsakeError("media-not-found", "There is no such file in the project's storage.");
  };

  const fetch: Fetcher["fetch"] = async (reference, targetPath, signal, onBytes) => {
    const judged = judge(reference);
    if (judged.from === "nowhere") {
      throw await blame(judged.error, { inside: null, outside: judged.outside }, signal);
    }
    if (judged.from === "file") {
      const source = createLocalSource(judged.path, options.relativeTo ?? "");
      return await download(source, targetPath, limits, signal, onBytes);
    }
    const fetchFrom = async (address: string, place: string): Promise<FetchedFile> => {
      await using source = openHttpSource(address, options);
      return await patience.spend(place, (left) => download(source, targetPath, left, signal, onBytes));
    };
    if (judged.from === "undecided") {
      return await fetchUndecided(judged, { reference, judged }, fetchFrom, targetPath, signal);
    }
    if (judged.from === "web") {
      const { url, outside } = judged;
      try {
        return await fetchFrom(url.href, url.host);
      } catch (error) {
        if (outside === null || !(error instanceof KeepsakeError)) throw error;
        throw await blame(nameTheBucket(error, outside), { inside: null, outside }, signal);
      }
    }
    if (objects === null) throw noStorage();
    let asWritten: unknown = null;
    for (const [index, object] of judged.objects.entries()) {
      await using source = openObjectSource(objects.reader, object, options);
      try {
        const file = await patience.spend("own", (left) =>
          download(source, targetPath, left, signal, onBytes),
        );
        return index === 0 ? file : { ...file, version: null };
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
  };

  return {
    keyOf: (reference) => judge(reference).key,
    async fetch(reference, targetPath, signal, onBytes) {
      const { key, from } = judge(reference);
      versions.set(key, null);
      try {
        const fetched = await fetch(reference, targetPath, signal, onBytes);
        const inside = await unwrapUpload(targetPath, limits.minFreeBytes, signal);
        const file = { ...fetched, ...inside };
        versions.set(key, file.version);
        return file;
      } catch (error) {
        const { code = null } = error instanceof KeepsakeError ? error : {};
        if (from === "nowhere") versions.set(key, rejectedVersion);
        else if (from !== "web" && code === "media-not-found") versions.set(key, absentVersion);
        throw error;
      }
    },
    async rejectUndecided(references, signal) {
      names = references.map((reference) => ({ reference: reference.trim(), judged: judge(reference) }));
      if (objects !== null) await rejectUndecided(names, rulesWith(objects), signal);
    },
    look: async (reference, signal) => await readReferenceVersion(judge(reference), options, signal),
    versionOf: (reference) => versions.get(judge(reference).key) ?? null,
  };
}

function noStorage(): KeepsakeError {
  return new KeepsakeError("internal", "There is no storage to read from.");
}
