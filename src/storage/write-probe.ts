import { Readable } from "node:stream";

import { encodeObject } from "./object-path.js";
import type { StorageClient } from "./storage-client.js";
import { isTemporaryStatus, readErrorReply, toStorageError } from "./storage-error.js";

/** Path of the probe, which no capsule uses. The object exists for the time of one request. */
const path = ".keepsake-probe";

/**
 * Writes a few bytes to the bucket and removes them again. Only this detects a bucket that can be read but not written to.
 * An error for another reason than the key is ignored, because it may concern the probe only and no film.
 *
 * @throws KeepsakeError `storage-unavailable` or `storage-key-refused`
 */
export async function probeWriting(
  client: StorageClient,
  bucket: string,
  signal: AbortSignal,
): Promise<void> {
  const object = `object/${encodeObject({ bucket, path })}`;
  const bytes = Buffer.from("probe");
  const reply = await client.send({
    method: "POST",
    path: object,
    headers: {
      // The bucket may allow certain types only, but it must allow films.
      "content-type": "video/mp4",
      "content-length": String(bytes.length),
      "x-upsert": "true",
      "x-metadata": Buffer.from("{}").toString("base64"),
    },
    body: Readable.from([bytes]),
    signal,
  });
  const error = reply.status >= 300 ? readErrorReply(reply) : null;
  if (error !== null && (isTemporaryStatus(error.status) || [401, 403].includes(error.status))) {
    throw toStorageError(error, `store anything in bucket ${bucket}`);
  }
  if (error === null) await client.send({ method: "DELETE", path: object, signal });
}
