import { z } from "zod";

import type { StoredFilm, Upload } from "./film-store.js";
import { encodeObject } from "./object-path.js";
import { parseJson } from "./parse-json.js";
import type { StorageClient } from "./storage-client.js";
import { readErrorReply, toStorageError } from "./storage-error.js";

const infoSchema = z.looseObject({
  size: z.number().nullish(),
  metadata: z.looseObject({ sha256: z.string().optional(), fingerprint: z.string().optional() }).nullish(),
});

type StoredInfo = z.output<typeof infoSchema>;

/** Whether exactly this file is stored: by an earlier attempt, or by this one when the reply to its upload was lost. */
export async function isStored(client: StorageClient, bucket: string, upload: Upload): Promise<boolean> {
  const info = await readInfo(client, bucket, upload);
  return (
    info !== null &&
    info.size === upload.sizeBytes &&
    info.metadata?.sha256 === upload.sha256 &&
    info.metadata.fingerprint === upload.fingerprint
  );
}

/** Whether a film is stored, as far as Storage describes the object. Objects of older versions have no description. */
export async function isFilmStored(
  client: StorageClient,
  bucket: string,
  { fingerprint, sizeBytes, ...film }: StoredFilm,
): Promise<boolean> {
  const info = await readInfo(client, bucket, film);
  if (info === null) return false;
  const isSize = sizeBytes === null || (info.size ?? sizeBytes) === sizeBytes;
  return isSize && (info.metadata?.fingerprint ?? fingerprint) === fingerprint;
}

/** @returns null when there is no such object */
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
    const error = readErrorReply(reply);
    if (error.status === 404 || error.status === 400) return null;
    throw toStorageError(error, `describe ${path} in bucket ${bucket}`);
  }
  const info = infoSchema.safeParse(parseJson(reply.text));
  return info.success ? info.data : null;
}
