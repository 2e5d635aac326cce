/**
 * The requests of a resumable upload. They use the same client as all other requests to Storage, so the same rules apply
 * to stalls, keys, redirects and errors.
 */
import { KeepsakeError } from "../errors.js";
import type { Upload } from "./film-store.js";
import { readFileRange } from "./read-file-range.js";
import type { StorageClient, StorageReply, StorageRequest } from "./storage-client.js";
import { isTemporaryStatus, readErrorReply, toStorageError } from "./storage-error.js";
import type { UploadNotes } from "./upload-notes.js";
import { userMetadata, type UploadTarget } from "./upload-standard.js";

/** Supabase requires chunks of exactly this size; only the last one may be smaller. */
export const chunkBytes = 6 * 1024 * 1024;

const version = { "tus-resumable": "1.0.0", "x-upsert": "true" };

export interface ResumableTarget extends UploadTarget {
  readonly notes: UploadNotes;
  /** Time without progress after which the upload fails. */
  readonly retrySeconds: number;
}

/** The state of one upload within one attempt. */
export interface UploadState {
  readonly client: StorageClient;
  readonly target: ResumableTarget;
  readonly upload: Upload;
  /** Path of the upload below `/storage/v1/`; null before it is created and after the server has removed it. */
  path: string | null;
  /** Number of bytes that the server has, by its last reply. */
  offset: number;
  /** Highest offset so far: bytes that are sent again are no progress. */
  maxOffset: number;
  /** This attempt has sent a chunk that arrived. */
  hasSentChunk: boolean;
  /** Number of inconsistent replies in a row. */
  inconsistentReplies: number;
  /** An earlier attempt created the upload. */
  isContinued: boolean;
  /** Requests go to the host for large files, until it cannot be reached. */
  usesLargeHost: boolean;
}

/** Creates the upload at the server and notes its path. */
export async function createUpload(state: UploadState): Promise<void> {
  const { client, target, upload } = state;
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
  const reply = await send(state, {
    method: "POST",
    path: "upload/resumable",
    headers: { "upload-length": String(upload.sizeBytes), "upload-metadata": encoded.join(",") },
  });
  if (reply.status >= 300) throw rejected(reply, upload);
  const { location } = reply.headers;
  if (reply.status !== 201 || typeof location !== "string") {
    throw new KeepsakeError(
      "storage-unavailable",
      "The reply to a resumable upload was not from Storage: check for a proxy in between.",
    );
  }
  state.path = readLocation(client, location);
  state.offset = 0;
  state.isContinued = false;
  await target.notes.store(upload, state.path);
}

/** Requests the number of bytes that the server has. @returns null when the upload cannot be continued */
export async function requestOffset(state: UploadState): Promise<number | null> {
  const { upload } = state;
  const reply = await send(state, { method: "HEAD", path: state.path ?? "" });
  const isGone = reply.status === 404 || reply.status === 410;
  const isUnusable = state.isContinued && reply.status >= 300 && !isTemporaryStatus(reply.status);
  return isGone || isUnusable ? null : readOffset(reply, upload);
}

/**
 * Sends the bytes from `start` to `end`.
 *
 * @returns the offset by the server's reply, null when it has other bytes than these; and whether all bytes were sent
 */
export async function sendChunk(
  state: UploadState,
  start: number,
  end: number,
): Promise<{ readonly offset: number | null; readonly isWhole: boolean }> {
  const { upload } = state;
  const { file, sizeBytes, onBytes, fence } = upload;
  let isWhole = false;
  const beforeLastPiece = async (): Promise<void> => {
    if (end === sizeBytes) await fence();
    isWhole = true;
  };
  const reply = await send(state, {
    method: "PATCH",
    path: state.path ?? "",
    headers: {
      "content-type": "application/offset+octet-stream",
      "content-length": String(end - start),
      "upload-offset": String(start),
    },
    body: readFileRange({ file, start, end, onBytes, beforeLastPiece }),
  });
  if (reply.status === 404 || reply.status === 410) {
    throw new KeepsakeError("storage-unavailable", "Storage no longer has the upload; it starts again.");
  }
  return { offset: reply.status === 409 ? null : readOffset(reply, upload), isWhole };
}

async function send(
  state: UploadState,
  request: Pick<StorageRequest, "method" | "path"> & Partial<StorageRequest>,
): Promise<StorageReply> {
  const { client, upload, usesLargeHost: isLarge } = state;
  try {
    const headers = { ...version, ...request.headers };
    return await client.send({ ...request, headers, isLarge, signal: upload.signal });
  } catch (error) {
    // A firewall may allow the project's host and not this one. Both lead to the same upload.
    if (isLarge && error instanceof KeepsakeError && error.code === "storage-unavailable") {
      state.usesLargeHost = false;
    }
    throw error;
  }
}

/**
 * Reads the path from the address that the server returns. Its host is ignored: behind a proxy it is often wrong, and the
 * key is sent to the configured project only.
 */
function readLocation(client: StorageClient, location: string): string {
  const root = new URL(`${client.projectUrl}/storage/v1/`);
  const { pathname, search } = new URL(location, `${root.href}upload/resumable`);
  const below = pathname.indexOf("/upload/resumable/");
  if (below === -1) {
    throw new KeepsakeError(
      "storage-refused",
      "Storage's reply contained an address of a resumable upload in an unknown form.",
    );
  }
  return pathname.slice(below + 1) + search;
}

function readOffset(reply: StorageReply, upload: Upload): number {
  if (reply.status >= 300) throw rejected(reply, upload);
  const offset = Number(reply.headers["upload-offset"]);
  if (Number.isInteger(offset) && offset >= 0 && offset <= upload.sizeBytes) return offset;
  throw new KeepsakeError(
    "storage-unavailable",
    "Storage's reply did not contain a valid offset of the upload.",
  );
}

function rejected(reply: StorageReply, upload: Upload): KeepsakeError {
  return toStorageError(readErrorReply(reply), `store ${upload.path} as a resumable upload`);
}
