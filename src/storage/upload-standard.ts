import { KeepsakeError } from "../errors.js";
import type { Upload } from "./film-store.js";
import { encodeObject } from "./object-path.js";
import { parseJson } from "./parse-json.js";
import { readFileRange } from "./read-file-range.js";
import type { StorageClient } from "./storage-client.js";
import { readRefusal, toStorageError } from "./storage-error.js";

/** What an upload needs to know besides the file. */
export interface UploadTarget {
  readonly bucket: string;
  readonly cacheSeconds: number;
}

/**
 * One request with the raw file as its body: Supabase's way for files up to 6 MiB. The length is said beforehand,
 * since the bucket's size limit is not enforced on bodies of unknown length.
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
      // Stored as it is; an object without it is served with no-cache.
      "cache-control": `max-age=${target.cacheSeconds}`,
      "x-upsert": "true",
      "x-metadata": Buffer.from(JSON.stringify(userMetadata(upload))).toString("base64"),
    },
    body: readFileRange({ file, start: 0, end: sizeBytes, beforeLastPiece, onBytes }),
    signal,
  });
  if (reply.status >= 300) {
    throw toStorageError(readRefusal(reply), `take ${upload.path} into bucket ${target.bucket}`);
  }
  if (!isWhole || parseJson(reply.text) === null) {
    throw new KeepsakeError(
      "storage-unavailable",
      `What answered when ${upload.path} was sent to bucket ${target.bucket} was not Storage: a proxy, perhaps.`,
    );
  }
}

/** Kept with the object, so that a later attempt recognises a finished upload. */
export function userMetadata({ sha256, fingerprint }: Upload): Record<string, string> {
  return { sha256, fingerprint };
}
