import type { Readable } from "node:stream";

import { packingOf } from "../http/reply-headers.js";
import { KeepsakeError } from "../errors.js";
import { nameBucket } from "../http/name-bucket.js";
import type {
  BucketAccess,
  ObjectReader,
  OpenedObject,
  RedirectedObject,
  StoredObject,
} from "../http/object-reader.js";
import { readPart, resumeHeaders, type FileVersion } from "../http/range-resume.js";
import { addressesWithoutKey } from "./addresses-without-key.js";
import { locateObjects } from "./locate-objects.js";
import { encodeObject } from "./object-path.js";
import { readBucket } from "./read-bucket.js";
import type { StorageClient, StorageDownload } from "./storage-client.js";
import { isTemporaryStatus, readRefusal, toStorageError, type StorageErrorReply } from "./storage-error.js";

const plain = { "accept-encoding": "identity" };

/**
 * Reads objects of the project by bucket and path with the key, whatever address a row has for them: an expired
 * signed URL and a private bucket work like a public one.
 *
 * @param otherHosts further hosts of the project in the addresses that rows have; nothing is sent to them
 */
export function createSupabaseReader(client: StorageClient, otherHosts: readonly string[]): ObjectReader {
  const openFrom = async (
    object: StoredObject,
    offsetBytes: number,
    begun: FileVersion | null,
    signal: AbortSignal,
    isFirst = true,
  ): Promise<OpenedObject | RedirectedObject | null> => {
    const path = `object/authenticated/${encodeObject(object)}`;
    const headers = { ...plain, ...resumeHeaders(offsetBytes, begun) };
    const reply = await client.download({ method: "GET", path, headers, signal }).catch((error: unknown) => {
      if (!(error instanceof KeepsakeError) || error.code !== "storage-unavailable") throw error;
      throw new KeepsakeError("media-unreachable", error.message, { cause: error });
    });
    const opened = readReply(reply, offsetBytes, begun);
    if (opened !== "refused") return opened;
    const refusal = readRefusal({ ...reply, text: client.hideKey(await readStart(reply.body)) });
    // Asking for something else may find the form of the key that this server takes.
    if (isFirst && isForbidden(refusal) && (await opensAnything(client, signal))) {
      return await openFrom(object, offsetBytes, begun, signal, false);
    }
    throw toReadError(object, refusal, isFirst);
  };

  return {
    locate: (reference) => locateObjects(reference, client.projectUrl, otherHosts),
    findBucket: async (bucket, signal) => await findBucket(client, bucket, signal),
    addressesWithoutKey: (reference, objects) => addressesWithoutKey(reference, objects, client.projectUrl),
    async look(object, signal) {
      const path = `object/authenticated/${encodeObject(object)}`;
      const reply = await client.send({ method: "HEAD", path, headers: plain, signal });
      if (reply.status !== 200 || packingOf(reply.headers["content-encoding"]) !== null) return null;
      return readPart(reply.status, reply.headers, 0, null);
    },
    async open(object, offsetBytes, begun, signal) {
      const opened =
        (await openFrom(object, offsetBytes, begun, signal)) ?? (await openFrom(object, 0, null, signal));
      if (opened !== null) return opened;
      throw unusable("it does not say which part of the file it is");
    },
  };
}

/** @returns null when it is not the rest that was asked for, and the file must be asked for from the start */
function readReply(
  { status, headers, body, url }: StorageDownload,
  offsetBytes: number,
  begun: FileVersion | null,
): OpenedObject | RedirectedObject | "refused" | null {
  if (status === 200 || status === 206) {
    const packing = packingOf(headers["content-encoding"]);
    const part = packing === null ? readPart(status, headers, offsetBytes, begun) : null;
    if (part !== null) return { ...part, body };
    body.destroy();
    if (packing !== null) throw unusable(`it is packed (${packing}), though the file was asked for as it is`);
    return null;
  }
  if (status === 416 && offsetBytes > 0) {
    body.destroy();
    return null;
  }
  const { location } = headers;
  if (status < 300 || status >= 400 || typeof location !== "string") return "refused";
  body.destroy();
  return { location: URL.canParse(location, url) ? new URL(location, url).href : location };
}

function isForbidden({ status }: StorageErrorReply): boolean {
  return status === 401 || status === 403;
}

async function findBucket(
  client: StorageClient,
  bucket: string,
  signal: AbortSignal,
): Promise<BucketAccess | null> {
  try {
    return (await readBucket(client, bucket, signal)).public ? "public" : "private";
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KeepsakeError)) throw error;
    return error.code === "storage-bucket-missing" ? "missing" : null;
  }
}

async function opensAnything(client: StorageClient, signal: AbortSignal): Promise<boolean> {
  return (await client.send({ method: "GET", path: "bucket?limit=1", signal })).status < 400;
}

/**
 * What one file is refused for is the file's fault, so that nobody can stop a film by naming an object that a gateway
 * dislikes; only where the key opens nothing at all it is the operator's.
 */
function toReadError({ bucket }: StoredObject, refusal: StorageErrorReply, isKeyBad: boolean): KeepsakeError {
  const named = nameBucket(bucket);
  if (isTemporaryStatus(refusal.status)) {
    const { message, retryAfterSeconds } = toStorageError(refusal, `hand out a file of ${named}`);
    return new KeepsakeError("media-unreachable", message, { retryAfterSeconds });
  }
  if (!isForbidden(refusal))
    return new KeepsakeError("media-not-found", `There is no such file in ${named}.`);
  if (isKeyBad) return toStorageError(refusal, `hand out a file of ${named}`);
  return new KeepsakeError("media-forbidden", `Storage does not hand out this file of ${named}.`);
}

function unusable(why: string): KeepsakeError {
  return new KeepsakeError("media-answer-unusable", `Storage's answer cannot be used: ${why}.`);
}

async function readStart(body: Readable): Promise<string> {
  let text = "";
  for await (const piece of body as AsyncIterable<Buffer>) {
    text += piece.toString("utf8");
    if (text.length > 4096) break;
  }
  return text;
}
