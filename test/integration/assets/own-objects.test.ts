import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { createSupabaseStore } from "../../../dist/storage/supabase-store.js";
import { openStorageServer } from "../storage/storage-server.js";
import { openOwnStorage, storageKey, storedFile } from "./open-own-storage.js";

/** Another host, which records its requests. */
async function openOther(listener: RequestListener) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

const name = "folder/ein Foto + ünï 100% 写真.jpg";
const encoded = "folder/ein%20Foto%20+%20%C3%BCn%C3%AF%20100%25%20%E5%86%99%E7%9C%9F.jpg";
const resumable = Buffer.from(`media/${name}/0b5e5a5c-version`).toString("base64url");

describe("an object of the project", () => {
  it.each([
    `{origin}/storage/v1/object/public/media/${encoded}`,
    `{origin}/storage/v1/object/sign/media/${encoded}?token=eyJhbGciOiJIUzI1NiJ9.expired.long-ago`,
    `{origin}/storage/v1/object/authenticated/media/${encoded}`,
    `{origin}/storage/v1/object/media/${encoded}?download=`,
    `{origin}/storage/v1/object/upload/sign/media/${encoded}?token=used`,
    `{origin}/storage/v1/render/image/public/media/${encoded}?width=100&quality=20`,
    `{origin}/storage/v1/render/image/sign/media/${encoded}?token=expired`,
    `{origin}/storage/v1/render/image/authenticated/media/${encoded}`,
    `{origin}/storage/v1/upload/resumable/${resumable}`,
    `{origin}/storage/v1/upload/resumable/sign/${resumable}`,
    `{origin}/storage/v1/s3/media/${encoded}?X-Amz-Signature=expired`,
    `{localhost}/storage/v1/object/public/media/${encoded}`,
    `https://media.example.org/storage/v1/object/public/media/${encoded}`,
    `/storage/v1/object/public/media/${encoded}`,
    `  {origin}/storage/v1/object/public/media/${encoded}#t=10 `,
    `{origin}//storage/v1//object/sign/media//${encoded}?token=expired`,
    `/media//${name}`,
    `media/${name}`,
  ])("is read by bucket and path with the key: %s", async (template) => {
    await using store = await openOwnStorage();
    store.put(`media/${name}`);
    const reference = template
      .replace("{origin}", store.url)
      .replace("{localhost}", store.url.replace("127.0.0.1", "localhost"));
    expect((await store.fetch(reference)).equals(storedFile)).toBe(true);
    expect(
      store.requests.map(({ path: asked, headers }) => [decodeURIComponent(asked), headers.apikey]),
    ).toEqual([[`/storage/v1/object/authenticated/media/${name}`, storageKey]]);
  });

  it.each([
    "{origin}/storage/v1/object/public/media/..%2f..%2fbucket%2fmedia",
    "{origin}/storage/v1/object/public/media/%2e%2e%2f%2e%2e%2fbucket",
    "{origin}/storage/v1/object/public/media/a%00b.jpg",
    "{origin}/storage/v1/object/public/media/a%5cb.jpg",
    "{origin}/storage/v1/object/public/media%2F..%2Fmedia/a.jpg",
    "{origin}/storage/v1/object/public/media/%2f/a.jpg",
    "{origin}/storage/v1/object/public/media/%E0%A4%A",
    "{origin}/storage/v1/object/list/media",
    "{origin}/storage/v1/bucket/media",
    "{origin}/storage/v1/object/info/media/a.jpg",
    "{origin}/rest/v1/messages?select=*",
    "{origin}/auth/v1/admin/users",
    "{origin}/pg/query",
    `{origin}/storage/v1/upload/resumable/${Buffer.from("media/../../x/version").toString("base64url")}`,
  ])("is not located for %s, and the key is not sent there", async (template) => {
    await using store = await openOwnStorage();
    store.put("media/a.jpg");
    await expect(store.fetch(template.replace("{origin}", store.url))).rejects.toMatchObject({
      fault: "file",
    });
    for (const { headers } of store.requests) expect(JSON.stringify(headers)).not.toContain(storageKey);
  });

  it.each([
    "media/folder%2Fa.jpg",
    "media/folder%5ca.jpg",
    "media/folder/%2e%2E/a.jpg",
    "media/folder/.%252e/a.jpg",
    "media/folder/..%2fother/a.jpg",
    "media/folder/..%25252Fother/a.jpg",
    String.raw`media/folder/..\other/a.jpg`,
    "media/folder/../other/a.jpg",
    "media/folder/.\t./other/a.jpg",
  ])("is not located for %j in any form, and nothing is requested", async (written) => {
    await using store = await openOwnStorage();
    for (const other of ["media/folder/a.jpg", "media/a.jpg", "media/other/a.jpg"]) store.put(other);
    const upload = Buffer.from(`${written}/version`).toString("base64url");
    for (const reference of [
      written,
      `/${written}`,
      ...["public", "sign", "authenticated", "upload/sign"].map(
        (kind) => `${store.url}/storage/v1/object/${kind}/${written}?token=x`,
      ),
      `/storage/v1/object/public/${written}`,
      `${store.url}/storage/v1/render/image/public/${written}?width=20`,
      `${store.url}/storage/v1/s3/${written}`,
    ]) {
      for (const places of [null, ["*"], ["media"], ["media/folder"]])
        await expect(store.fetch(reference, places), reference).rejects.toMatchObject({
          code: "media-address-refused",
        });
    }
    expect(store.requests).toEqual([]);
    await expect(store.fetch(`${store.url}/storage/v1/upload/resumable/${upload}`)).rejects.toMatchObject({
      fault: "file",
    });
    expect(JSON.stringify(store.requests)).not.toContain(storageKey);
  });

  it.each([
    "media/../videos/a.jpg",
    "//media/a.jpg",
    "./media/a.jpg",
    "media/",
    "media",
    "media\\a.jpg",
    "a\0/b",
  ])("is not located for %j, and nothing is requested", async (reference) => {
    await using store = await openOwnStorage();
    await expect(store.fetch(reference)).rejects.toMatchObject({ code: "media-address-refused" });
    expect(store.requests).toEqual([]);
  });

  it("is read from a server without Supabase's gateway, which accepts the key in one header only", async () => {
    await using store = await openOwnStorage({ bare: true });
    store.put("media/a.jpg");
    expect((await store.fetch("media/a.jpg")).equals(storedFile)).toBe(true);
  });

  it("is named in errors without user content", async () => {
    await using store = await openOwnStorage();
    for (const reference of [
      "Dear grandmother/I miss you",
      "{origin}/storage/v1/object/public/Dear%20Anna/x",
    ]) {
      for (const places of [["*"], ["media"]]) {
        const failure = await store
          .fetch(reference.replace("{origin}", store.url), places)
          .catch((error: unknown) => error);
        expect(failure).toMatchObject({ fault: "file" });
        expect(String(failure)).not.toMatch(/dear|miss/i);
      }
    }
  });

  it("is decoded only once", async () => {
    await using store = await openOwnStorage();
    store.put("media/100%2525.jpg");
    const bytes = await store.fetch(`${store.url}/storage/v1/object/public/media/100%252525.jpg`);
    expect(bytes.equals(storedFile)).toBe(true);
  });

  it("continues after a break, but is not joined with another version", async () => {
    for (const replacement of [null, randomBytes(50_000)]) {
      let count = 0;
      await using store = await openOwnStorage({
        intercept: (request, response) => {
          count += 1;
          if (count > 1) return false;
          const etag = `"${createHash("md5").update(storedFile).digest("hex")}"`;
          response.writeHead(200, { etag, "content-length": storedFile.length });
          response.write(storedFile.subarray(0, 20_000), () => setImmediate(() => response.destroy()));
          if (replacement !== null) store.put("media/a.jpg", replacement);
          return request.url !== undefined;
        },
      });
      store.put("media/a.jpg");
      const fetched = await store.fetch("media/a.jpg");
      expect(fetched.equals(replacement ?? storedFile)).toBe(true);
      expect(store.requests.map(({ headers }) => headers.range !== undefined)).toEqual(
        replacement === null ? [false, true] : [false, true, false],
      );
    }
  });
});

describe("the key", () => {
  it.each([301, 302, 303, 307, 308])(
    "is not sent to the target of a redirect %i of Storage",
    async (status) => {
      await using other = await openOther((_request, response) => void response.end(storedFile));
      await using store = await openOwnStorage({
        intercept: (_request, response) =>
          Boolean(response.writeHead(status, { location: `${other.url}/s3/a.jpg?X-Amz-Signature=1` }).end()),
      });
      // The other host is on loopback, so it is refused for its address even when it is on the list.
      for (const allowed of [[], [new URL(other.url).host]]) {
        await expect(store.fetch("media/a.jpg", ["*"], allowed)).rejects.toMatchObject({
          code: "media-address-refused",
        });
      }
      expect(other.requests).toEqual([]);
    },
  );

  it("is not sent to a redirect inside the project either", async () => {
    await using store = await openOwnStorage({
      intercept: (request, response) => {
        if (request.url?.startsWith("/moved/") === true) return Boolean(response.end(storedFile));
        return Boolean(response.writeHead(302, { location: "/moved/a.jpg" }).end());
      },
    });
    expect((await store.fetch("media/a.jpg")).equals(storedFile)).toBe(true);
    const [first, second] = store.requests;
    expect(first?.headers.apikey).toBe(storageKey);
    expect(second?.path).toBe("/moved/a.jpg");
    expect(JSON.stringify(second?.headers)).not.toContain(storageKey);
  });

  it("is not sent to another host of the project's list", async () => {
    await using other = await openOther((_request, response) => void response.end(storedFile));
    const server = await openStorageServer({ key: storageKey, buckets: {} });
    const { objects } = createSupabaseStore({
      projectUrl: server.url,
      serviceKey: storageKey,
      bucket: "videos",
      projectHosts: [new URL(other.url).host],
      // Nothing is uploaded.
      uploadsFolder: path.join(tmpdir(), "keepsake-no-uploads"),
    });
    server.objects.set("media/a.jpg", {
      bytes: storedFile,
      contentType: "",
      cacheControl: "",
      metadata: null,
    });
    const [object = null] = objects.locate(`${other.url}/storage/v1/object/public/media/a.jpg`);
    expect(object).toEqual({ bucket: "media", path: "a.jpg" });
    if (object === null) throw new Error("not located");
    const opened = await objects.open(object, 0, null, new AbortController().signal);
    if ("body" in opened) opened.body.destroy();
    expect(server.requests.length).toBe(1);
    expect(other.requests).toEqual([]);
    await server[Symbol.asyncDispose]();
  });
});
