/**
 * Uploads in chunks that can be taken up again after a break: tus 1.0 (https://tus.io/protocols/resumable-upload),
 * core protocol and creation, as Supabase Storage speaks it. Three kinds of request, made with the same client as
 * everything else, so the same rules hold for stalls, keys, redirects and errors.
 */
import { KeepsakeError } from "../errors.js";
import { retryTemporary } from "../retry-temporary.js";
import type { Upload } from "./film-store.js";
import { readFileRange } from "./read-file-range.js";
import type { StorageClient, StorageReply } from "./storage-client.js";
import { readRefusal, toStorageError } from "./storage-error.js";
import { userMetadata, type UploadTarget } from "./upload-standard.js";

/** Supabase takes chunks of exactly this size; only the last one may be smaller. */
export const chunkBytes = 6 * 1024 * 1024;

/** Offset conflicts in a row after which another writer is at the same upload. */
const maxConflicts = 3;

const version = { "tus-resumable": "1.0.0", "x-upsert": "true" };

interface UploadState {
  /** Path of the upload below `/storage/v1/`; null before it is created or after the server forgot it. */
  path: string | null;
  offset: number;
  conflicts: number;
}

/**
 * @param retrySeconds time without progress after which temporary trouble ends the upload
 * @throws KeepsakeError of `storage/`, or what the fence throws
 */
export async function uploadResumable(
  client: StorageClient,
  target: UploadTarget,
  upload: Upload,
  retrySeconds: number,
): Promise<void> {
  const state: UploadState = { path: null, offset: 0, conflicts: 0 };
  await retryTemporary(
    async () => {
      if (state.path !== null) await findOffset(client, upload, state);
      if (state.path === null) await create(client, target, upload, state);
      while (state.offset < upload.sizeBytes) await sendChunk(client, upload, state);
    },
    { signal: upload.signal, maxSeconds: retrySeconds, progress: () => state.offset },
  );
}

async function create(
  client: StorageClient,
  target: UploadTarget,
  upload: Upload,
  state: UploadState,
): Promise<void> {
  const metadata = {
    bucketName: target.bucket,
    objectName: upload.path,
    contentType: upload.contentType,
    cacheControl: String(target.cacheSeconds),
    metadata: JSON.stringify(userMetadata(upload)),
  };
  const encoded = Object.entries(metadata).map(
    ([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`,
  );
  const reply = await client.send({
    method: "POST",
    path: "upload/resumable",
    headers: { ...version, "upload-length": String(upload.sizeBytes), "upload-metadata": encoded.join(",") },
    signal: upload.signal,
  });
  const { location } = reply.headers;
  if (reply.status !== 201 || typeof location !== "string") throw refused(reply, upload);
  state.path = readLocation(client, location);
  state.offset = 0;
}

/**
 * Of the address the server gives only the path is taken: behind a proxy its host is often wrong, and the key goes
 * to the configured project and nowhere else.
 */
function readLocation(client: StorageClient, location: string): string {
  const root = new URL(`${client.projectUrl}/storage/v1/`);
  const { pathname, search } = new URL(location, `${root.href}upload/resumable`);
  const below = pathname.indexOf("/upload/resumable/");
  if (below === -1)
    throw new KeepsakeError("storage-refused", "Storage gave a resumable upload an unknown address.");
  return pathname.slice(below + 1) + search;
}

async function findOffset(client: StorageClient, upload: Upload, state: UploadState): Promise<void> {
  const reply = await client.send({
    method: "HEAD",
    path: state.path ?? "",
    headers: version,
    signal: upload.signal,
  });
  if (reply.status === 404 || reply.status === 410) {
    state.path = null;
    return;
  }
  state.offset = readOffset(reply, upload);
}

async function sendChunk(client: StorageClient, upload: Upload, state: UploadState): Promise<void> {
  const { file, sizeBytes, onBytes, fence, signal } = upload;
  const start = state.offset;
  const end = Math.min(start + chunkBytes, sizeBytes);
  const reply = await client.send({
    method: "PATCH",
    path: state.path ?? "",
    headers: {
      ...version,
      "content-type": "application/offset+octet-stream",
      "content-length": String(end - start),
      "upload-offset": String(start),
    },
    body: readFileRange({
      file,
      start,
      end,
      ...(end === sizeBytes ? { beforeLastPiece: fence } : {}),
      onBytes,
    }),
    signal,
  });
  if (reply.status === 404 || reply.status === 410) {
    state.path = null;
    throw new KeepsakeError("storage-unavailable", "Storage no longer knows the upload; it is begun again.");
  }
  if (reply.status === 409 && state.conflicts < maxConflicts) {
    state.conflicts += 1;
    throw new KeepsakeError("storage-unavailable", "Storage holds another part of the upload than was sent.");
  }
  const offset = readOffset(reply, upload);
  if (offset <= start)
    throw new KeepsakeError("storage-unavailable", "Storage took a chunk and kept nothing of it.");
  state.offset = offset;
  state.conflicts = 0;
}

function readOffset(reply: StorageReply, upload: Upload): number {
  if (reply.status >= 300) throw refused(reply, upload);
  const offset = Number(reply.headers["upload-offset"]);
  if (Number.isInteger(offset) && offset >= 0 && offset <= upload.sizeBytes) return offset;
  throw new KeepsakeError("storage-unavailable", "Storage did not say how much of the upload it has.");
}

function refused(reply: StorageReply, upload: Upload): KeepsakeError {
  return toStorageError(readRefusal(reply.status, reply.text), `take ${upload.path} as a resumable upload`);
}
