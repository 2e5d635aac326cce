/**
 * Fetches untrusted files: each reference is resolved to an allowed place, and its file is written to a private file within
 * limits. Only the beginning of the content is read here, to unwrap an upload; decoding happens later, in a child process.
 */
import { rm } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import type { ObjectReader } from "../../http/object-reader.js";
import { createBucketExplainer, createBucketLookup } from "./explain-buckets.js";
import { download, type FetchedFile, type OnBytes } from "./download.js";
import { defaultFetchLimits, type FetchLimits } from "./fetch-limits.js";
import { openHttpSource, type HttpSourceOptions } from "./http-source.js";
import { judgeReference, nameTheBucket, type JudgedReference } from "./judge-references.js";
import { createLocalSource } from "./local-source.js";
import { absentVersion, readReferenceVersion, rejectedVersion } from "./check-version.js";
import type { MediaPlaces } from "./media-places.js";
import { openObjectSource } from "./object-source.js";
import { createRetryBudget } from "./retry-budget.js";
import {
  rejectIfThere,
  rejectUndecided,
  type JudgedName,
  type UndecidedReference,
} from "./undecided-buckets.js";
import { unwrapUpload } from "./unwrap-upload.js";

export interface FetcherOptions extends HttpSourceOptions {
  /** Reads the allowed files of the project's storage with its key; null when there is no storage. */
  readonly objects: (MediaPlaces & { readonly reader: ObjectReader }) | null;
  readonly limits?: Partial<FetchLimits>;
  /** Only for `keepsake render capsule.json`: references that are no URL are files below this folder. */
  readonly relativeTo?: string;
}

export interface Fetcher {
  /** A key that is equal for references to the same file, such as two signed addresses of it. */
  keyOf(reference: string): string;
  /**
   * @param reference URL, or `bucket/path`, as written in a row
   * @param targetPath must not exist
   * @throws KeepsakeError with fault `file`: no attempt can succeed; with fault `world`: another attempt may; `media-setup`:
   *   the operator has to decide first whether messages may name the file
   */
  fetch(reference: string, targetPath: string, signal: AbortSignal, onBytes?: OnBytes): Promise<FetchedFile>;
}

/** Fetches the files of one capsule. */
export interface CapsuleFetcher extends Fetcher {
  /**
   * Checks all references; must be called before the first file is fetched.
   * @param references all references of the capsule's messages
   * @throws KeepsakeError `media-setup` when the operator has to decide first whether messages may name some of them
   */
  rejectUndecided(references: readonly string[], signal: AbortSignal): Promise<void>;
  /**
   * The current version of a reference, requested without the file's bytes. It equals the text that `versionOf` returned
   * only if fetching would bring the same bytes, or fail in the same way. Null when that cannot be found out.
   */
  readVersion(reference: string, signal: AbortSignal): Promise<string | null>;
  /** The version of a fetched reference, or the reason of its failure; null when only fetching the file again shows it. */
  versionOf(reference: string): string | null;
}

/** Creates the fetcher of one film. Hosts that could not be reached are remembered for the film's other files. */
export function createFetcher(options: FetcherOptions): CapsuleFetcher {
  const { objects } = options;
  const limits = { ...defaultFetchLimits, ...options.limits };
  const budget = createRetryBudget(limits);
  const find = createBucketLookup(objects?.reader ?? null);
  const explain = createBucketExplainer(objects, find);
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
      throw await explain(judged.error, { inside: null, outside: judged.outside }, signal);
    }
    if (judged.from === "file") {
      const source = createLocalSource(judged.path, options.relativeTo ?? "");
      return await download(source, targetPath, limits, signal, onBytes);
    }
    const fetchFrom = async (address: string, place: string): Promise<FetchedFile> => {
      await using source = openHttpSource(address, options);
      return await budget.spend(place, (left) => download(source, targetPath, left, signal, onBytes));
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
        throw await explain(nameTheBucket(error, outside), { inside: null, outside }, signal);
      }
    }
    if (objects === null) throw noStorage();
    let asWritten: unknown = null;
    for (const [index, object] of judged.objects.entries()) {
      await using source = openObjectSource(objects.reader, object, options);
      try {
        const file = await budget.spend("own", (left) => download(source, targetPath, left, signal, onBytes));
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
    throw await explain(named, { inside: judged.objects[0], outside }, signal);
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
    readVersion: async (reference, signal) => await readReferenceVersion(judge(reference), options, signal),
    versionOf: (reference) => versions.get(judge(reference).key) ?? null,
  };
}

function noStorage(): KeepsakeError {
  return new KeepsakeError("internal", "There is no storage to read from.");
}
