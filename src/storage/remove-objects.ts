import { KeepsakeError } from "../errors.js";
import type { StoredObject } from "../http/object-reader.js";
import type { UploadNotes } from "./upload-notes.js";
import { encodeObject } from "./object-path.js";
import { parseJson } from "./parse-json.js";
import type { StorageClient } from "./storage-client.js";
import { readRefusal, toStorageError } from "./storage-error.js";

/**
 * Removes one object.
 * @returns false where there was none
 * @throws KeepsakeError of `storage/`
 */
export async function removeObject(
  client: StorageClient,
  object: StoredObject,
  signal: AbortSignal,
): Promise<boolean> {
  const reply = await client.send({ method: "DELETE", path: `object/${encodeObject(object)}`, signal });
  if (reply.status >= 300) {
    const refusal = readRefusal(reply);
    // A gateway that knows no such route says 404 too, in words that are not Storage's.
    if (refusal.status === 404 && parseJson(reply.text) !== null) return false;
    throw toStorageError(refusal, `remove ${object.path} from bucket ${object.bucket}`);
  }
  if (parseJson(reply.text) !== null) return true;
  throw new KeepsakeError(
    "storage-unavailable",
    `What answered when ${object.path} was to be removed from bucket ${object.bucket} was not Storage: a proxy, perhaps.`,
  );
}

/**
 * Ends the uploads that were begun on this machine and never finished. What Storage does not end now it forgets within a
 * day by itself, so a refusal is no error.
 * @returns how many there were
 */
export async function abandonUploads(
  client: StorageClient,
  kept: UploadNotes,
  objects: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const paths = await kept.forgetObjects(objects);
  for (const path of paths) {
    // https://tus.io/protocols/resumable-upload#termination
    const headers = { "tus-resumable": "1.0.0", "x-upsert": "true" };
    await client.send({ method: "DELETE", path, headers, signal }).catch((error: unknown) => {
      if (!(error instanceof KeepsakeError)) throw error;
    });
  }
  return paths.length;
}
