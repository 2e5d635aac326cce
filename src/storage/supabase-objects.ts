import type { Readable } from "node:stream";

import { KeepsakeError } from "../errors.js";
import { readFileReply, readVersionReply, resumeHeaders, type FileVersion } from "../http/file-parts.js";
import {
  nameBucket,
  type BucketAccess,
  type ObjectReader,
  type OpenedObject,
  type RedirectedObject,
  type StoredObject,
} from "../http/object-reader.js";
import { addressesWithoutKey } from "./addresses-without-key.js";
import { locateObjects } from "./locate-objects.js";
import { encodeObject } from "./object-path.js";
import { readBucket } from "./read-bucket.js";
import type { StorageClient, StorageDownload } from "./storage-client.js";
import { isTemporaryStatus, readErrorReply, toStorageError, type ErrorReply } from "./storage-error.js";

const uncompressed = { "accept-encoding": "identity" };
const maxErrorCharacters = 4096;

/**
 * Reads objects of the project by bucket and path with the key. The form of the address in a row does not matter: an
 * expired signed URL and a private bucket work like a public one.
 *
 * @param otherHosts further hosts of the project in the addresses of rows; nothing is sent to them
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
    const headers = { ...uncompressed, ...resumeHeaders(offsetBytes, begun) };
    const reply = await client.download({ method: "GET", path, headers, signal }).catch((error: unknown) => {
      if (!(error instanceof KeepsakeError) || error.code !== "storage-unavailable") throw error;
      throw new KeepsakeError("media-unreachable", error.message, { cause: error });
    });
    const opened = readReply(reply, offsetBytes, begun);
    if (opened !== "error") return opened;
    const error = readErrorReply({ ...reply, text: client.hideKey(await readStart(reply.body)) });
    // Another request may show in which form this server accepts the key.
    if (isFirst && isForbidden(error) && (await isKeyAccepted(client, signal))) {
      return await openFrom(object, offsetBytes, begun, signal, false);
    }
    throw toReadError(object, error, isFirst);
  };

  return {
    locate: (reference) => locateObjects(reference, client.projectUrl, otherHosts),
    findBucket: async (bucket, signal) => await findBucket(client, bucket, signal),
    addressesWithoutKey: (reference, objects) => addressesWithoutKey(reference, objects, client.projectUrl),
    async readVersion(object, signal) {
      const path = `object/authenticated/${encodeObject(object)}`;
      return readVersionReply(await client.send({ method: "HEAD", path, headers: uncompressed, signal }));
    },
    async open(object, offsetBytes, begun, signal) {
      const opened =
        (await openFrom(object, offsetBytes, begun, signal)) ?? (await openFrom(object, 0, null, signal));
      if (opened !== null) return opened;
      throw unusable("its Content-Range does not match the requested part of the file");
    },
  };
}

/** @returns null when the file must be requested from its beginning */
function readReply(
  reply: StorageDownload,
  offsetBytes: number,
  begun: FileVersion | null,
): OpenedObject | RedirectedObject | "error" | null {
  const { status, headers, body, url } = reply;
  const read = readFileReply(reply, offsetBytes, begun);
  if (read.kind === "part") return { ...read.part, body };
  if (read.kind !== "other") {
    body.destroy();
    if (read.kind === "restart") return null;
    throw unusable(`it is compressed (${read.coding}), though the file was requested uncompressed`);
  }
  const { location } = headers;
  if (status < 300 || status >= 400 || typeof location !== "string") return "error";
  body.destroy();
  return { location: URL.canParse(location, url) ? new URL(location, url).href : location };
}

function isForbidden({ status }: ErrorReply): boolean {
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

async function isKeyAccepted(client: StorageClient, signal: AbortSignal): Promise<boolean> {
  return (await client.send({ method: "GET", path: "bucket?limit=1", signal })).status < 400;
}

/**
 * An error reply for one file has the fault `file`, so that nobody can stop a film by naming an object that a gateway
 * blocks. Only when the key opens nothing at all has it the fault `setup`.
 */
function toReadError({ bucket }: StoredObject, error: ErrorReply, isKeyBad: boolean): KeepsakeError {
  const named = nameBucket(bucket);
  if (isTemporaryStatus(error.status)) {
    const { message, retryAfterSeconds } = toStorageError(error, `return a file of ${named}`);
    return new KeepsakeError("media-unreachable", message, { retryAfterSeconds });
  }
  if (!isForbidden(error)) {
    return new KeepsakeError("media-not-found", `There is no such file in ${named}.`);
  }
  if (isKeyBad) return toStorageError(error, `return a file of ${named}`);
  return new KeepsakeError("media-forbidden", `Storage does not return this file of ${named}.`);
}

function unusable(why: string): KeepsakeError {
  return new KeepsakeError("media-answer-unusable", `Storage's reply cannot be used: ${why}.`);
}

async function readStart(body: Readable): Promise<string> {
  let text = "";
  for await (const piece of body as AsyncIterable<Buffer>) {
    text += piece.toString("utf8");
    if (text.length > maxErrorCharacters) break;
  }
  return text;
}
