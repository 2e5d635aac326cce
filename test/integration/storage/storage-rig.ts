import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import type { FilmStore, Upload } from "../../../dist/storage/film-store.js";
import { createSupabaseStore, type SupabaseStoreOptions } from "../../../dist/storage/supabase-store.js";
import { openStorageServer, type StorageServer, type StorageServerOptions } from "./storage-server.js";

export const megabyte = 1024 * 1024;
export const legacyKey = "eyJhbGciOiJIUzI1NiJ9.e30.test-service-role-key";
export const secretKey = "sb_secret_0123456789abcdef";

const files = { small: randomBytes(300_000), large: randomBytes(13 * megabyte) };

const buckets = {
  videos: { public: true, file_size_limit: null },
  closed: { public: false, file_size_limit: null },
  narrow: { public: true, file_size_limit: 1_000_000 },
  tiny: { public: true, file_size_limit: 20_000 },
  films: { public: true, file_size_limit: null, allowed_mime_types: ["video/mp4"] },
  pictures: { public: true, file_size_limit: null, allowed_mime_types: ["image/*"] },
  "all-kinds": {
    public: true,
    file_size_limit: null,
    allowed_mime_types: ["VIDEO/*", "image/*", "text/vtt"],
  },
};

/** Options of a store whose Storage never gives a good answer, so that the test need not wait long. */
export const shortLimits = { stallSeconds: 20, retrySeconds: 2 };

/** A Storage, stores that use it, and two files to put there: one for each way of uploading. */
export interface StorageRig extends AsyncDisposable {
  readonly server: StorageServer;
  readonly files: Readonly<Record<"small" | "large", Buffer>>;
  readonly open: (options?: Partial<SupabaseStoreOptions>) => FilmStore;
  readonly upload: (size: "small" | "large", overrides?: Partial<Upload>) => Upload;
  /** The number of requests with this method. */
  readonly sent: (method: string) => number;
}

export async function openStorageRig(options: Partial<StorageServerOptions> = {}): Promise<StorageRig> {
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-store-"));
  for (const [name, bytes] of Object.entries(files)) await writeFile(path.join(folder, name), bytes);
  const server = await openStorageServer({ key: legacyKey, buckets, ...options });
  return {
    server,
    files,
    open: (overrides) =>
      createSupabaseStore({
        projectUrl: server.url,
        serviceKey: options.key ?? legacyKey,
        bucket: "videos",
        uploadsFolder: path.join(folder, "uploads"),
        // A busy machine may stop for seconds.
        stallSeconds: 20,
        retrySeconds: 30,
        ...overrides,
      }),
    upload: (size, overrides) => ({
      file: path.join(folder, size),
      sizeBytes: files[size].length,
      sha256: createHash("sha256").update(files[size]).digest("hex"),
      fingerprint: "f1",
      path: "3f0e.mp4",
      contentType: "video/mp4",
      signal: new AbortController().signal,
      onBytes: () => undefined,
      fence: async () => undefined,
      ...overrides,
    }),
    sent: (method) => server.requests.filter((request) => request.method === method).length,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
