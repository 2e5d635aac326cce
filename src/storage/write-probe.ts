import { Readable } from "node:stream";

import { encodeObject } from "./object-path.js";
import type { StorageClient } from "./storage-client.js";
import { isTemporaryStatus, readRefusal, toStorageError } from "./storage-error.js";

/** Below no capsule's name; there for the time of one request. */
const path = ".keepsake-probe";

/**
 * Puts a few bytes into the bucket and takes them away again: where Storage can be read but not written to, only this
 * tells. A refusal for another reason than the key is taken for one of the probe, whose like no film is.
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
      // Of a kind that the bucket takes, if it is particular.
      "content-type": "video/mp4",
      "content-length": String(bytes.length),
      "x-upsert": "true",
      "x-metadata": Buffer.from("{}").toString("base64"),
    },
    body: Readable.from([bytes]),
    signal,
  });
  const refusal = reply.status >= 300 ? readRefusal(reply) : null;
  if (refusal !== null && (isTemporaryStatus(refusal.status) || [401, 403].includes(refusal.status))) {
    throw toStorageError(refusal, `take anything into bucket ${bucket}`);
  }
  if (refusal === null) await client.send({ method: "DELETE", path: object, signal });
}
