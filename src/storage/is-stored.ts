import { z } from "zod";

import type { StoredFilm, Upload } from "./film-store.js";
import { encodeObject } from "./object-path.js";
import { parseJson } from "./parse-json.js";
import type { StorageClient } from "./storage-client.js";
import { readRefusal, toStorageError } from "./storage-error.js";

const infoSchema = z.looseObject({
  size: z.number().nullish(),
  metadata: z.looseObject({ sha256: z.string().optional(), fingerprint: z.string().optional() }).nullish(),
});

type StoredInfo = z.output<typeof infoSchema>;

/** True when exactly this file is there: an earlier attempt has put it, or this one has and did not hear of it. */
export async function isStored(client: StorageClient, bucket: string, upload: Upload): Promise<boolean> {
  const info = await readInfo(client, bucket, upload);
  return (
    info !== null &&
    info.size === upload.sizeBytes &&
    info.metadata?.sha256 === upload.sha256 &&
    info.metadata.fingerprint === upload.fingerprint
  );
}

/** True when nothing that Storage says of what is there speaks against this film: an old one says little. */
export async function isFilmThere(
  client: StorageClient,
  bucket: string,
  { fingerprint, sizeBytes, ...film }: StoredFilm,
): Promise<boolean> {
  const info = await readInfo(client, bucket, film);
  if (info === null) return false;
  const isSize = sizeBytes === null || (info.size ?? sizeBytes) === sizeBytes;
  return isSize && (info.metadata?.fingerprint ?? fingerprint) === fingerprint;
}

/** @returns null where there is no such object */
async function readInfo(
  client: StorageClient,
  bucket: string,
  { path, signal }: Pick<Upload, "path" | "signal">,
): Promise<StoredInfo | null> {
  const reply = await client.send({
    method: "GET",
    path: `object/info/${encodeObject({ bucket, path })}`,
    signal,
  });
  if (reply.status >= 300) {
    const refusal = readRefusal(reply);
    if (refusal.status === 404 || refusal.status === 400) return null;
    throw toStorageError(refusal, `tell what is at ${path} in bucket ${bucket}`);
  }
  const info = infoSchema.safeParse(parseJson(reply.text));
  return info.success ? info.data : null;
}
