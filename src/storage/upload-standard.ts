import { KeepsakeError } from "../errors.js";
import type { Upload } from "./film-store.js";
import { encodeObject } from "./object-path.js";
import { parseJson } from "./parse-json.js";
import { readFileRange } from "./read-file-range.js";
import type { StorageClient } from "./storage-client.js";
import { readErrorReply, toStorageError } from "./storage-error.js";

/** Where and how a file is stored. */
export interface UploadTarget {
  readonly bucket: string;
  readonly cacheSeconds: number;
}

/**
 * Uploads a file as the body of one request, as Supabase recommends for up to 6 MiB. The request has a content length,
 * because Storage does not enforce the bucket's size limit on bodies of unknown length.
 *
 * @throws KeepsakeError of `storage/`, or what the fence throws
 */
export async function uploadStandard(
  client: StorageClient,
  target: UploadTarget,
  upload: Upload,
): Promise<void> {
  const { file, sizeBytes, onBytes, fence, signal } = upload;
  let isWhole = false;
  const beforeLastPiece = async (): Promise<void> => {
    await fence();
    isWhole = true;
  };
  const reply = await client.send({
    method: "POST",
    path: `object/${encodeObject({ bucket: target.bucket, path: upload.path })}`,
    headers: {
      "content-type": upload.contentType,
      "content-length": String(sizeBytes),
      // Storage stores this value as it is, and serves objects without it with no-cache.
      "cache-control": `max-age=${target.cacheSeconds}`,
      "x-upsert": "true",
      "x-metadata": Buffer.from(JSON.stringify(userMetadata(upload))).toString("base64"),
    },
    body: readFileRange({ file, start: 0, end: sizeBytes, beforeLastPiece, onBytes }),
    signal,
  });
  if (reply.status >= 300) {
    throw toStorageError(readErrorReply(reply), `store ${upload.path} in bucket ${target.bucket}`);
  }
  if (!isWhole || parseJson(reply.text) === null) {
    throw new KeepsakeError(
      "storage-unavailable",
      `The reply to storing ${upload.path} in bucket ${target.bucket} was not from Storage: check for a proxy in between.`,
    );
  }
}

/** Metadata of the object, by which a later attempt recognises a finished upload. */
export function userMetadata({ sha256, fingerprint }: Upload): Record<string, string> {
  return { sha256, fingerprint };
}
