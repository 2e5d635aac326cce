/**
 * A Storage API as Supabase has it, for the requests that Keepsake makes: buckets, raw upload, info, download with
 * ranges, removal, and tus by a real tus server; and for those of an app and its visitors: public and signed addresses. Errors have Supabase's shape: HTTP 400 with the true status in the body.
 */
import { createHash, createHmac } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

export interface StoredThing {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly cacheControl: string;
  readonly metadata: unknown;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
}

export interface BucketRow {
  readonly public: boolean;
  readonly file_size_limit: number | null;
  /** Absent or null: all. */
  readonly allowed_mime_types?: readonly string[] | null;
}

export interface StorageServerOptions {
  readonly key: string;
  readonly buckets: Readonly<Record<string, BucketRow>>;
  /** The limit of the whole project, which no reply about a bucket contains. */
  readonly maxFileBytes?: number;
  /** True: there is no Supabase gateway, which removes a secret key from `Authorization`. */
  readonly bare?: boolean;
  /** True when the request was dealt with: the place to make trouble. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Called whenever an object was written, whole. */
  readonly onStored?: (name: string, thing: StoredThing) => void;
}

export interface StorageServer extends AsyncDisposable {
  readonly url: string;
  readonly objects: Map<string, StoredThing>;
  readonly requests: SeenRequest[];
}

interface Stock {
  readonly objects: ReadonlyMap<string, StoredThing>;
  readonly store: (name: string, thing: StoredThing) => void;
  readonly remove: (name: string) => void;
}

const root = "/storage/v1";
/** A signature that is valid for every address. */
const goodToken = "good";
const chunkBytes = 6 * 1024 * 1024;

export async function openStorageServer(options: StorageServerOptions): Promise<StorageServer> {
  const folder = await mkdtemp(path.join(tmpdir(), `keepsake-tus-${process.pid}-`));
  const objects = new Map<string, StoredThing>();
  const requests: SeenRequest[] = [];
  const store = (name: string, thing: StoredThing): void => {
    objects.set(name, thing);
    options.onStored?.(name, thing);
  };
  const remove = (name: string): void => void objects.delete(name);
  const tus = new Server({
    path: `${root}/upload/resumable`,
    datastore: new FileStore({ directory: folder }),
    async onUploadCreate(_request, { size = 0, metadata }) {
      const status = refuseFile(
        options,
        metadata?.["bucketName"] ?? "",
        metadata?.["contentType"] ?? "",
        size,
      );
      if (status !== null) throw { status_code: status, body: whyRefused[status] };
      return {};
    },
    async onUploadFinish(_request, upload) {
      const { bucketName, objectName, contentType, cacheControl, metadata } = upload.metadata ?? {};
      store(`${bucketName}/${objectName}`, {
        bytes: await readFile(path.join(folder, upload.id)),
        contentType: contentType ?? "",
        cacheControl: `max-age=${cacheControl}`,
        metadata: JSON.parse(metadata ?? "null") as unknown,
      });
      return {};
    },
  });

  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    requests.push({ method, path: url, headers });
    if (options.intercept?.(request, response) === true) return;
    const route = url.slice(root.length + 1);
    if (/^(GET|HEAD)$/.test(method) && /^object\/(public|sign)\//.test(route)) {
      try {
        return answerVisitor(request, response, route, { ...options, objects });
      } catch (error) {
        if (error instanceof URIError) return refuse(response, 400);
        throw error;
      }
    }
    const rejection = refuseKey(headers, options);
    if (rejection !== null) return refuse(response, rejection);
    if (url.startsWith(`${root}/upload/resumable`)) {
      const wrong = refuseTus(request);
      if (wrong !== null) return void response.writeHead(wrong).end("refused");
      return void tus.handle(request, response);
    }
    // A client that goes away in the middle is what some tests are about.
    answer(request, response, route, { ...options, objects, store, remove }).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    objects,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

/** Answers a request without a key: it gets objects of public buckets, and those whose address has a valid signature. */
function answerVisitor(
  request: IncomingMessage,
  response: ServerResponse,
  route: string,
  { buckets, key, objects }: StorageServerOptions & Pick<Stock, "objects">,
): void {
  const { pathname, searchParams } = new URL(route, "http://storage/");
  const [, kind, encoded = ""] = /^\/object\/(public|sign)\/(.+)$/.exec(pathname) ?? [];
  const name = decodeURIComponent(encoded);
  const token = searchParams.get("token") ?? "";
  const [expiry = "", signature] = token.split(".");
  const isSigned =
    token === goodToken || (signature === sign(key, name, expiry) && Number(expiry) > Date.now());
  const isOpen = kind === "sign" ? isSigned : buckets[name.slice(0, name.indexOf("/"))]?.public === true;
  const found = isOpen ? objects.get(name) : undefined;
  if (found === undefined) return refuse(response, kind === "sign" && !isSigned ? 403 : 404);
  send(request, response, found);
}

function sign(key: string, name: string, expiry: string): string {
  return createHmac("sha256", key).update(`${name} ${expiry}`).digest("base64url");
}

/** An address that opens for `expiresIn` seconds, as the client of the app completes it; null where there is no object. */
function signedAddress(key: string, name: string, expiresIn: number, isThere: boolean): string | null {
  const expiry = String(Date.now() + expiresIn * 1000);
  const encoded = name.split("/").map(encodeURIComponent).join("/");
  return isThere ? `/object/sign/${encoded}?token=${expiry}.${sign(key, name, expiry)}` : null;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Sends the rest of the present object, as Supabase does: it ignores If-Range. */
function send(request: IncomingMessage, response: ServerResponse, { bytes, contentType }: StoredThing): void {
  const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const total = bytes.length;
  const partial = start > 0 ? { "content-range": `bytes ${start}-${total - 1}/${total}` } : {};
  const etag = `"${createHash("md5").update(bytes).digest("hex")}"`;
  response.writeHead(start > 0 ? 206 : 200, {
    etag,
    "accept-ranges": "bytes",
    "content-type": contentType,
    "content-length": total - start,
    ...partial,
  });
  response.end(request.method === "HEAD" ? undefined : bytes.subarray(start));
}

function refuseKey(headers: IncomingMessage["headers"], { key, bare }: StorageServerOptions): number | null {
  if (headers.apikey !== key) return 401;
  const bearer = headers.authorization;
  if (key.startsWith("sb_")) return bare === true && bearer !== undefined ? 403 : null;
  return bearer === `Bearer ${key}` ? null : 401;
}

/** Checks what Supabase requires beyond tus: the upsert header on every request, and chunks of exactly 6 MiB. */
function refuseTus(request: IncomingMessage): number | null {
  if (request.headers["x-upsert"] !== "true") return 409;
  return Number(request.headers["content-length"] ?? 0) > chunkBytes ? 413 : null;
}

const whyRefused: Readonly<Record<number, string>> = {
  403: "Invalid Compact JWS",
  404: "not found",
  413: "The object exceeded the maximum allowed size",
  415: "mime type is not supported",
};

/** Checks the types that a bucket allows: `image/*` allows a kind, `*` allows all. */
function refuseFile(
  { buckets, maxFileBytes = Infinity }: StorageServerOptions,
  bucket: string,
  contentType: string,
  sizeBytes: number,
): 413 | 415 | null {
  const { file_size_limit: limit, allowed_mime_types: allowed } = buckets[bucket] ?? {};
  if (sizeBytes > Math.min(limit ?? Infinity, maxFileBytes)) return 413;
  const fits = (type: string): boolean =>
    type === "*" || type === contentType || type === contentType.replace(/\/.*/, "/*");
  return allowed?.some(fits) === false ? 415 : null;
}

function refuse(response: ServerResponse, status: number): void {
  const message = whyRefused[status] ?? "refused";
  const body = JSON.stringify({ statusCode: String(status), error: "Error", message });
  response.writeHead(400, { "content-type": "application/json" }).end(body);
}

function reply(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  route: string,
  { objects, store, remove, ...options }: StorageServerOptions & Stock,
): Promise<void> {
  const { buckets } = options;
  if (/^bucket(\?|$)/.test(route)) {
    return reply(
      response,
      Object.entries(buckets).map(([name, found]) => ({ id: name, name, ...found })),
    );
  }
  const asked = /^bucket\/(.+)$/.exec(route)?.[1];
  if (asked !== undefined) {
    const bucket = decodeURIComponent(asked);
    const found = buckets[bucket];
    return found === undefined
      ? refuse(response, 404)
      : reply(response, { id: bucket, name: bucket, ...found });
  }
  const signing = /^object\/sign\/([^/]+)(?:\/(.+))?$/.exec(route);
  if (signing !== null && request.method === "POST") {
    const [, inBucket = "", one] = signing;
    const wanted = JSON.parse((await readBody(request)).toString()) as {
      expiresIn: number;
      paths?: string[];
    };
    const address = (object: string): string | null => {
      const name = `${inBucket}/${object}`;
      return signedAddress(options.key, name, wanted.expiresIn, objects.has(name));
    };
    if (one === undefined) {
      return reply(
        response,
        (wanted.paths ?? []).map((object) => {
          const signedURL = address(object);
          return {
            path: object,
            signedURL,
            error: signedURL === null ? "Either the object does not exist" : null,
          };
        }),
      );
    }
    const signedURL = address(decodeURIComponent(one));
    return signedURL === null ? refuse(response, 404) : reply(response, { signedURL });
  }
  const [, kind = "", encoded = ""] = /^object\/(info\/|authenticated\/)?(.+)$/.exec(route) ?? [];
  const name = decodeURIComponent(encoded);
  if (request.method === "POST") {
    const bytes = await readBody(request);
    const { "content-type": type = "", "content-length": length } = request.headers;
    const rejection = refuseFile(options, name.slice(0, name.indexOf("/")), type, Number(length));
    if (rejection !== null) return refuse(response, rejection);
    if (objects.has(name) && request.headers["x-upsert"] !== "true") return refuse(response, 409);
    const metadata = Buffer.from(String(request.headers["x-metadata"]), "base64").toString();
    store(name, {
      bytes,
      contentType: request.headers["content-type"] ?? "",
      cacheControl: request.headers["cache-control"] ?? "no-cache",
      metadata: JSON.parse(metadata) as unknown,
    });
    return reply(response, { Key: name });
  }
  const found = objects.get(name);
  if (found === undefined) return refuse(response, 404);
  if (request.method === "DELETE") {
    remove(name);
    return reply(response, { message: "Successfully deleted" });
  }
  if (kind === "info/") return reply(response, { name, size: found.bytes.length, metadata: found.metadata });
  send(request, response, found);
}
