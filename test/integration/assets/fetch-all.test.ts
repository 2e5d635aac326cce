import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import path from "node:path";

import fc from "fast-check";
import { expect, it } from "vitest";

import { createFetcher } from "../../../dist/assets/fetch/create-fetcher.js";
import { fetchAll, type FetchAllOptions } from "../../../dist/assets/fetch/fetch-all.js";
import { KeepsakeError } from "../../../dist/errors.js";
import { useFolder } from "../../use-folder.js";

const { signal } = new AbortController();

const base = useFolder();

/** Files are as large as their names say: `<size>-<name>`; those of size 0 are not there. */
async function fetchSized(references: readonly string[], options: Partial<FetchAllOptions> = {}) {
  const sources = await mkdtemp(path.join(base, "sources-"));
  const folder = await mkdtemp(path.join(base, "fetched-"));
  for (const reference of new Set(references)) {
    const sizeBytes = Number.parseInt(reference, 10);
    if (sizeBytes > 0)
      await writeFile(
        path.join(sources, reference),
        Buffer.alloc(sizeBytes, reference.split("-").toReversed().join("-")),
      );
  }
  const real = createFetcher({ objects: null, allowedHosts: [], ownOrigin: null, relativeTo: sources });
  const asked: string[] = [];
  const results = await fetchAll(references, {
    fetcher: {
      keyOf: (reference) => real.keyOf(reference),
      fetch: async (reference, target, stop) => {
        asked.push(reference);
        return await real.fetch(reference, target, stop);
      },
    },
    folder,
    signal,
    isOnlyThisFile: (error) => error.fault === "file",
    onProgress: () => undefined,
    ...options,
  });
  const kept = [...results].filter(([, result]) => !(result instanceof KeepsakeError)).map(([name]) => name);
  return { results, kept: kept.sort(), asked, left: await readdir(folder) };
}

it("fetches a file that many messages name once, and returns the result for all of them", async () => {
  const { results, asked, left } = await fetchSized(["5-a", "7-b", "5-a", "0-gone", "0-gone", "5-a"]);
  expect(asked.sort()).toEqual(["0-gone", "5-a", "7-b"]);
  expect(results.size).toBe(3);
  expect(results.get("0-gone")).toMatchObject({ code: "media-not-found" });
  expect(left.length).toBe(2);
});

it("leaves out the largest files when all are too large together, and removes them", async () => {
  const { results, kept, left } = await fetchSized(["60-a", "10-b", "55-c", "20-d", "10-e", "15-f"], {
    maxMediaBytes: 100,
  });
  expect(kept).toEqual(["10-b", "10-e", "15-f", "20-d"]);
  expect(results.get("60-a")).toMatchObject({
    code: "media-too-large",
    fault: "file",
    message: expect.stringContaining("KEEPSAKE_MAX_MEDIA_BYTES") as string,
  });
  expect(left.length).toBe(4);
});

it("leaves out the same files in any order of arrival, and never more than necessary", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 8, max: 50 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 200 }),
      async (sizes, maxMediaBytes) => {
        const references = sizes.map((size, index) => `${size}-${index}`);
        const forwards = await fetchSized(references, { maxMediaBytes });
        const backwards = await fetchSized(references.toReversed(), { maxMediaBytes });
        expect(backwards.kept).toEqual(forwards.kept);
        expect(forwards.left.length).toBe(forwards.kept.length);
        const sizeOf = (reference: string): number => Number.parseInt(reference, 10);
        const sum = forwards.kept.reduce((bytes, reference) => bytes + sizeOf(reference), 0);
        expect(sum).toBeLessThanOrEqual(maxMediaBytes);
        const dropped = references.filter((reference) => !forwards.kept.includes(reference)).map(sizeOf);
        if (dropped.length > 0) expect(sum + Math.min(...dropped)).toBeGreaterThan(maxMediaBytes);
      },
    ),
    { numRuns: 40 },
  );
});

it("ends with an error that concerns several files, and leaves no partial file", async () => {
  const folder = await mkdtemp(path.join(base, "fetched-"));
  const fetcher = createFetcher({
    objects: null,
    allowedHosts: [],
    ownOrigin: null,
    relativeTo: folder,
    limits: { minFreeBytes: Number.MAX_SAFE_INTEGER },
  });
  await writeFile(path.join(folder, "a.jpg"), "a photo");
  await expect(fetchSized(["a.jpg"], { fetcher, folder })).rejects.toMatchObject({ code: "disk-full" });
  expect(await readdir(folder)).toEqual(["a.jpg"]);
});
