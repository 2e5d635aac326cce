import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { createFetcher } from "../../../dist/assets/fetch/create-fetcher.js";
import type { FetchLimits } from "../../../dist/assets/fetch/fetch-limits.js";

/** Fetches a file from a server that is the project's own, as only that may be on loopback, with short limits. */
export async function fetchWithShortLimits(url: string, limits: Partial<FetchLimits> = {}): Promise<Buffer> {
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-short-limits-"));
  const fetcher = createFetcher({
    objects: null,
    allowedHosts: [],
    ownOrigin: new URL(url).origin,
    limits: { stallSeconds: 0.4, retrySeconds: 1.4, minBytesPerSecond: 1000, maxBytes: 1_000_000, ...limits },
  });
  try {
    await fetcher.fetch(url, path.join(folder, "file"), new AbortController().signal);
    return await readFile(path.join(folder, "file"));
  } finally {
    await rm(folder, { recursive: true });
  }
}
