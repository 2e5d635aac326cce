import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { createFetcher } from "../../../dist/assets/fetch/create-fetcher.js";
import type { FetchLimits } from "../../../dist/assets/fetch/fetch-limits.js";

/** Limits for a server that never sends the file, so that the test need not wait long. */
export const shortLimits: Partial<FetchLimits> = { stallSeconds: 1, retrySeconds: 5 };

/** Fetches a file from the project's own server: only that may be on loopback. A busy machine may stop for seconds. */
export async function fetchFromOwnServer(url: string, limits: Partial<FetchLimits> = {}): Promise<Buffer> {
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-fetch-"));
  const fetcher = createFetcher({
    objects: null,
    allowedHosts: [],
    ownOrigin: new URL(url).origin,
    limits: { stallSeconds: 20, retrySeconds: 30, minBytesPerSecond: 1000, maxBytes: 1_000_000, ...limits },
  });
  try {
    await fetcher.fetch(url, path.join(folder, "file"), new AbortController().signal);
    return await readFile(path.join(folder, "file"));
  } finally {
    await rm(folder, { recursive: true });
  }
}
