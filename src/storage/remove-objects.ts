import { KeepsakeError } from "../errors.js";
import type { StoredObject } from "../http/object-reader.js";
import { encodeObject } from "./object-path.js";
import { parseJson } from "./parse-json.js";
import type { StorageClient } from "./storage-client.js";
import { readErrorReply, toStorageError } from "./storage-error.js";
import type { UploadNotes } from "./upload-notes.js";

/**
 * Removes one object.
 * @returns false when there was none
 * @throws KeepsakeError of `storage/`
 */
export async function removeObject(
  client: StorageClient,
  object: StoredObject,
  signal: AbortSignal,
): Promise<boolean> {
  const reply = await client.send({ method: "DELETE", path: `object/${encodeObject(object)}`, signal });
  if (reply.status >= 300) {
    const error = readErrorReply(reply);
    // A gateway without this route answers 404 as well, but not with JSON.
    if (error.status === 404 && parseJson(reply.text) !== null) return false;
    throw toStorageError(error, `remove ${object.path} from bucket ${object.bucket}`);
  }
  if (parseJson(reply.text) !== null) return true;
  throw new KeepsakeError(
    "storage-unavailable",
    `The reply to removing ${object.path} from bucket ${object.bucket} was not from Storage: check for a proxy in between.`,
  );
}

/**
 * Cancels the uploads that this machine began and did not finish. Storage removes the others within a day, so its error
 * replies are ignored.
 * @returns the number of uploads
 */
export async function cancelUploads(
  client: StorageClient,
  notes: UploadNotes,
  objects: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const paths = await notes.removeOf(objects);
  for (const path of paths) {
    // https://tus.io/protocols/resumable-upload#termination
    const headers = { "tus-resumable": "1.0.0", "x-upsert": "true" };
    await client.send({ method: "DELETE", path, headers, signal }).catch((error: unknown) => {
      if (!(error instanceof KeepsakeError)) throw error;
    });
  }
  return paths.length;
}
