import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { splitReferences } from "../../../dist/assets/fetch/split-references.js";
import { KeepsakeError } from "../../../dist/errors.js";
import { openOwnStorage, storageKey, storedFile } from "./open-own-storage.js";

const inputs = fileURLToPath(new URL("../../../../shared/faults/addresses.json", import.meta.url));
interface Inputs {
  readonly shown_is_right: readonly string[];
  readonly headers_of_storage_that_are_no_packing: readonly string[];
}
const found = existsSync(inputs) ? (JSON.parse(readFileSync(inputs, "utf8")) as Inputs) : null;

const question = "Who is this?.jpg";

/** References that apps write into a row, each with the object that it means. */
const written: readonly (readonly [reference: string, object: string])[] = [
  ["BASE/storage/v1/object/sign/media//photo.jpg?token=x", "photo.jpg"],
  ["BASE//storage/v1/object/sign/media/photo.jpg?token=x", "photo.jpg"],
  ["BASE/storage/v1//object/sign/media/photo.jpg?token=x", "photo.jpg"],
  ["/media/photo.jpg", "photo.jpg"],
  ['["BASE/storage/v1/object/sign/media/photo.jpg?token=x"]', "photo.jpg"],
  ["{BASE/storage/v1/object/sign/media/photo.jpg?token=x}", "photo.jpg"],
  [`BASE/storage/v1/object/sign/media/Who%20is%20this?.jpg?token=x`, question],
  [`BASE/storage/v1/object/public/media/Who%20is%20this?.jpg`, question],
  [`media/${question}`, question],
  // Uploaded and read by storage-js, which cuts and decodes names.
  ["media/photo #3.jpg", "photo "],
  ["media/Why?.jpg", "Why"],
  ["media/a%20b.jpg", "a b.jpg"],
  ["BASE/storage/v1/object/public/media/a%2520b.jpg", "a b.jpg"],
  // Uploaded by other programs, which do not.
  ["media/photo #3.jpg", "photo #3.jpg"],
  ["media/a%20b.jpg", "a%20b.jpg"],
];

describe("the forms in which apps write an object of the project", () => {
  it.each(written)("%s is read as the object %s", async (reference, object) => {
    await using store = await openOwnStorage();
    store.put(`media/${object}`);
    const [one = "", ...more] = splitReferences(reference.replace("BASE", store.url));
    expect(more).toEqual([]);
    expect((await store.fetch(one)).equals(storedFile)).toBe(true);
    for (const { path: asked, headers } of store.requests) {
      expect(asked).toMatch(/^\/storage\/v1\/object\/authenticated\/media\//);
      expect(headers.apikey).toBe(storageKey);
    }
  });

  it("tries the name as written first", async () => {
    await using store = await openOwnStorage();
    store.put("media/photo #3.jpg");
    store.put("media/photo ", Buffer.from("another picture"));
    expect((await store.fetch("media/photo #3.jpg")).equals(storedFile)).toBe(true);
    expect(store.requests.length).toBe(1);
  });

  it("reports once that no object exists under any of the names", async () => {
    await using store = await openOwnStorage();
    await expect(store.fetch("media/photo #3.jpg")).rejects.toMatchObject({ code: "media-not-found" });
    expect(store.requests.length).toBe(2);
  });

  it("may omit the only configured bucket", async () => {
    await using store = await openOwnStorage();
    store.put("media/deep/photo.jpg");
    for (const reference of ["deep/photo.jpg", "/deep/photo.jpg", "media/deep/photo.jpg"]) {
      expect((await store.fetch(reference, ["media"])).equals(storedFile), reference).toBe(true);
    }
    await expect(store.fetch("deep/photo.jpg")).rejects.toMatchObject({ fault: "file" });
    await expect(store.fetch("deep/other.jpg", ["media"])).rejects.toMatchObject({
      code: "media-address-refused",
      message: expect.stringContaining("KEEPSAKE_MEDIA_BUCKETS") as string,
    });
  });

  it("may contain the path of SUPABASE_URL", async () => {
    await using store = await openOwnStorage(
      {
        intercept: (request, response) => {
          const isObject = request.url === "/supabase/storage/v1/object/authenticated/media/photo.jpg";
          const isAllowed = request.headers.apikey === storageKey;
          response.writeHead(isObject && isAllowed ? 200 : 400).end(storedFile);
          return true;
        },
      },
      "/supabase",
    );
    for (const reference of [
      `${store.url}/supabase/storage/v1/object/sign/media/photo.jpg?token=x`,
      `${store.url}/supabase//storage/v1/object/public/media/photo.jpg`,
      "/supabase/storage/v1/object/public/media/photo.jpg",
      "/storage/v1/object/public/media/photo.jpg",
      "media/photo.jpg",
    ]) {
      expect((await store.fetch(reference)).equals(storedFile), reference).toBe(true);
    }
  });

  it("fetches an object with several addresses once", async () => {
    await using store = await openOwnStorage();
    store.put("media/photo.jpg");
    store.put("media/other.jpg", Buffer.from("another picture"));
    const at = `${store.url}/storage/v1/object`;
    const names = [
      "media/photo.jpg",
      `${at}/sign/media/photo.jpg?token=first`,
      `${at}/sign/media/photo.jpg?token=second`,
      `${at}/public/media/photo.jpg?download=photo.jpg`,
      `${at}/public/media/photo.jpg?v=1714557600`,
      `https://media.example.org/storage/v1/object/public/media/photo.jpg`,
    ];
    const results = await store.fetchAll([...names, "media/other.jpg", "media/gone.jpg?token=1"]);
    const sums = names.map((name) => {
      const result = results.get(name);
      return result === undefined || result instanceof KeepsakeError ? "none" : result.sha256;
    });
    expect(new Set(sums).size).toBe(1);
    expect(sums).not.toContain("none");
    expect(store.requests.filter(({ path: asked }) => asked.endsWith("/photo.jpg")).length).toBe(1);
    expect(results.get("media/gone.jpg?token=1")).toMatchObject({ code: "media-not-found" });
  });
});

describe("a reply whose Content-Encoding is no compression", () => {
  it.each(["aws-chunked", "", "utf-8", "binary", "identity,aws-chunked", "identity"])(
    "accepts the file as it is with Content-Encoding %j, with the key and without it",
    async (coding) => {
      await using store = await openOwnStorage({
        intercept: (request, response) => {
          response.setHeader("content-encoding", coding);
          return request.url?.startsWith("/other/") === true && Boolean(response.end(storedFile));
        },
      });
      store.put("media/photo.jpg");
      expect((await store.fetch("media/photo.jpg")).equals(storedFile)).toBe(true);
      expect((await store.fetch(`${store.url}/other/photo.jpg`)).equals(storedFile)).toBe(true);
    },
  );

  it.each(["gzip", "br", "deflate", "identity, gzip"])("is rejected as compressed: %s", async (coding) => {
    await using store = await openOwnStorage({
      intercept: (request, response) => {
        response.setHeader("content-encoding", coding);
        return request.url?.startsWith("/other/") === true && Boolean(response.end(storedFile));
      },
    });
    store.put("media/photo.jpg");
    for (const reference of ["media/photo.jpg", `${store.url}/other/photo.jpg`]) {
      await expect(store.fetch(reference)).rejects.toMatchObject({ code: "media-answer-unusable" });
    }
  });
});

describe.skipIf(found === null)("reported addresses (skipped without the file that lists them)", () => {
  it("are all covered here, or with other settings in the unit tests", () => {
    const elsewhere = [/ with a path /, /supabase\.in\//];
    const tried = new Set(written.map(([reference]) => reference));
    const untried = (found?.shown_is_right ?? []).filter(
      (reference) => !tried.has(reference) && !elsewhere.some((form) => form.test(reference)),
    );
    expect(untried).toEqual([]);
  });

  it("have replies with these headers, which are accepted", async () => {
    for (const header of found?.headers_of_storage_that_are_no_packing ?? []) {
      const coding = header.replace(/^Content-Encoding: /, "").replace("(empty)", "");
      await using store = await openOwnStorage({
        intercept: (_request, response) => {
          response.setHeader("content-encoding", coding);
          return false;
        },
      });
      store.put("media/photo.jpg");
      expect((await store.fetch("media/photo.jpg")).equals(storedFile), header).toBe(true);
    }
  });
});
