import { Readable } from "node:stream";

import { KeepsakeError } from "../errors.js";
import type { ObjectReader, OpenedObject, StoredObject } from "../object-reader.js";
import { encodeObject, isSafeObject, parseBareReference } from "./object-path.js";
import type { StorageClient, StorageDownload } from "./storage-client.js";
import { isTemporaryStatus, readRefusal, toStorageError } from "./storage-error.js";

/**
 * Reads objects of the project by bucket and path with the key, whatever address a row has for them: an expired
 * signed URL and a private bucket work like a public one.
 */
export function createSupabaseReader(client: StorageClient): ObjectReader {
  return {
    locate: (reference) => locateObject(reference, client.projectUrl),
    async open(object, offsetBytes, signal) {
      const reply = await client.download({
        method: "GET",
        path: `object/authenticated/${encodeObject(object)}`,
        headers: {
          "accept-encoding": "identity",
          ...(offsetBytes > 0 ? { range: `bytes=${offsetBytes}-` } : {}),
        },
        signal,
      });
      return await readReply(reply, object, offsetBytes);
    },
  };
}

/**
 * The addresses of an object: public, signed, authenticated and plain, and those of transformed images, whose
 * original is what we want. Words of other routes are no buckets.
 */
const objectPath =
  /^\/storage\/v1\/(?:object|render\/image)\/(?:(?:public|sign|authenticated)\/|(?!(?:public|sign|authenticated|info|list|upload)\/))([^/]+)\/(.+)$/;

export function locateObject(reference: string, projectUrl: string): StoredObject | null {
  if (!URL.canParse(reference)) return parseBareReference(reference);
  const url = new URL(reference);
  // By host: an http:// address of an https:// project is the same object, and is fetched from the project anyway.
  if (!/^https?:$/.test(url.protocol) || !projectHosts(projectUrl).includes(url.host)) return null;
  const match = objectPath.exec(url.pathname);
  if (match === null) return null;
  try {
    const object = { bucket: decodeURIComponent(match[1] ?? ""), path: decodeURIComponent(match[2] ?? "") };
    return isSafeObject(object) ? object : null;
  } catch {
    return null;
  }
}

/** A hosted project also has a host of its own for large files: `<ref>.storage.supabase.co`. */
function projectHosts(projectUrl: string): readonly string[] {
  const { host } = new URL(projectUrl);
  return [host, host.replace(/^([^.]+)\.supabase\.co$/, "$1.storage.supabase.co")];
}

async function readReply(
  reply: StorageDownload,
  object: StoredObject,
  offsetBytes: number,
): Promise<OpenedObject> {
  const { status, headers, body } = reply;
  if (status === 206) {
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(String(headers["content-range"])) ?? [];
    if (Number(start) === offsetBytes) return { body, sizeBytes: toSize(total) };
    body.destroy();
    throw new KeepsakeError("media-unreachable", "Storage sent another part of the file than was asked for.");
  }
  if (status === 200) {
    return {
      body: Readable.from(skipBytes(body, offsetBytes)),
      sizeBytes: toSize(headers["content-length"]),
    };
  }
  const refusal = readRefusal({ status, headers, text: await readStart(body) });
  if (status === 416)
    throw new KeepsakeError("media-unreachable", "The file got shorter while it was being read.");
  if (refusal.status === 404 || refusal.status === 400) {
    throw new KeepsakeError("media-not-found", `The file is not in bucket ${object.bucket} any more.`);
  }
  const doing = `hand out a file of bucket ${object.bucket}`;
  if (isTemporaryStatus(refusal.status)) {
    const { message, retryAfterSeconds } = toStorageError(refusal, doing);
    throw new KeepsakeError("media-unreachable", message, { retryAfterSeconds });
  }
  throw toStorageError(refusal, doing);
}

function toSize(header: string | string[] | undefined): number | null {
  const size = Number(header);
  return header !== undefined && Number.isSafeInteger(size) && size >= 0 ? size : null;
}

async function* skipBytes(body: Readable, count: number): AsyncGenerator<Buffer> {
  let skip = count;
  for await (const piece of body as AsyncIterable<Buffer>) {
    if (piece.length > skip) yield piece.subarray(skip);
    skip = Math.max(0, skip - piece.length);
  }
}

async function readStart(body: Readable): Promise<string> {
  let text = "";
  for await (const piece of body as AsyncIterable<Buffer>) {
    text += piece.toString("utf8");
    if (text.length > 4096) break;
  }
  return text;
}
