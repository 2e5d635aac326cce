import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { createFetcher } from "../../../dist/assets/fetch/create-fetcher.js";
import { fetchAll } from "../../../dist/assets/fetch/fetch-all.js";
import { createSupabaseStore } from "../../../dist/storage/supabase-store.js";
import {
  openStorageServer,
  type StorageServer,
  type StorageServerOptions,
} from "../storage/storage-server.js";

/** Found anywhere but in what the storage was asked with, it went astray. */
export const storageKey = "sb_secret_mark_of_the_key_0123456789";
/** The capsule whose messages name the files. */
export const ownCapsuleId = "5f0c7a52-1111-4a54-9d0b-6d1f3d4c9a10";
export const storedFile = randomBytes(50_000);

export interface OwnStorage extends StorageServer {
  put(name: string, bytes?: Buffer): void;
  /** Fetches all references of a capsule's messages as the worker does. @returns the file or the error of each reference */
  fetchAll(references: readonly string[], places?: readonly string[] | null): ReturnType<typeof fetchAll>;
  /** Returns the version that was fetched, and the present version, which is read without the bytes. */
  versions(
    reference: string,
    places?: readonly string[] | null,
    between?: () => void,
  ): Promise<{ readonly fetched: string | null; readonly looked: string | null }>;
  /** Fetches one reference of a message as the worker does. */
  fetch(
    reference: string,
    places?: readonly string[] | null,
    allowedHosts?: readonly string[],
  ): Promise<Buffer>;
}

/** A project's storage with a private bucket `media` and the films' bucket `videos`. */
export async function openOwnStorage(
  {
    retrySeconds = 30,
    ...options
  }: Partial<Pick<StorageServerOptions, "intercept" | "bare" | "buckets">> & {
    /** Short where Storage never answers. */
    readonly retrySeconds?: number;
  } = {},
  basePath = "",
): Promise<OwnStorage> {
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-own-"));
  const server = await openStorageServer({
    key: storageKey,
    buckets: {
      media: { public: false, file_size_limit: null },
      videos: { public: true, file_size_limit: null },
    },
    ...options,
  });
  const store = createSupabaseStore({
    projectUrl: server.url + basePath,
    serviceKey: storageKey,
    bucket: "videos",
    projectHosts: ["media.example.org"],
    uploadsFolder: path.join(folder, "uploads"),
    retrySeconds,
  });
  const openFetcher = (places: readonly string[] | null, allowedHosts: readonly string[]) =>
    createFetcher({
      objects: { reader: store.objects, places, capsuleId: ownCapsuleId, filmsBucket: store.bucket },
      allowedHosts,
      ownOrigin: store.origin,
      limits: { retrySeconds, stallSeconds: 20, minBytesPerSecond: 1 },
    });
  let nextTarget = 0;
  return {
    ...server,
    put(name, bytes = storedFile) {
      server.objects.set(name, { bytes, contentType: "image/jpeg", cacheControl: "", metadata: null });
    },
    async fetchAll(references, places = ["*"]) {
      const fetcher = openFetcher(places, []);
      const { signal } = new AbortController();
      await fetcher.rejectUndecided(references, signal);
      return await fetchAll(references, {
        fetcher,
        folder: await mkdtemp(path.join(folder, "all-")),
        signal,
        isOnlyThisFile: ({ fault }) => fault === "file",
        onProgress: () => undefined,
      });
    },
    async versions(reference, places = ["*"], between = () => undefined) {
      const fetcher = openFetcher(places, []);
      const { signal } = new AbortController();
      nextTarget += 1;
      await fetcher.fetch(reference, path.join(folder, String(nextTarget)), signal).catch(() => undefined);
      between();
      return {
        fetched: fetcher.versionOf(reference),
        looked: await openFetcher(places, []).readVersion(reference, signal),
      };
    },
    async fetch(reference, places = ["*"], allowedHosts = []) {
      const fetcher = openFetcher(places, allowedHosts);
      nextTarget += 1;
      const target = path.join(folder, String(nextTarget));
      await fetcher.fetch(reference, target, new AbortController().signal);
      return await readFile(target);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
