import { z } from "zod";

import type { Upload } from "./film-store.js";
import { encodeObject } from "./object-path.js";
import { parseJson } from "./parse-json.js";
import type { StorageClient } from "./storage-client.js";
import { readRefusal, toStorageError } from "./storage-error.js";

const infoSchema = z.looseObject({
  size: z.number().nullish(),
  metadata: z.looseObject({ sha256: z.string().optional(), fingerprint: z.string().optional() }).nullish(),
});

/** True when exactly this file is there: an earlier attempt has put it, or this one has and did not hear of it. */
export async function isStored(client: StorageClient, bucket: string, upload: Upload): Promise<boolean> {
  const { path, signal } = upload;
  const reply = await client.send({
    method: "GET",
    path: `object/info/${encodeObject({ bucket, path })}`,
    signal,
  });
  if (reply.status >= 300) {
    const refusal = readRefusal(reply);
    if (refusal.status === 404 || refusal.status === 400) return false;
    throw toStorageError(refusal, `tell what is at ${path} in bucket ${bucket}`);
  }
  const info = infoSchema.safeParse(parseJson(reply.text));
  if (!info.success) return false;
  const { size, metadata } = info.data;
  return (
    size === upload.sizeBytes &&
    metadata?.sha256 === upload.sha256 &&
    metadata.fingerprint === upload.fingerprint
  );
}
