/**
 * Uploads in chunks that can be taken up again after a break: tus 1.0 (https://tus.io/protocols/resumable-upload),
 * core protocol and creation, as Supabase Storage speaks it. Three kinds of request, made with the same client as
 * everything else, so the same rules hold for stalls, keys, redirects and errors.
 */
import { KeepsakeError } from "../errors.js";
import { retryTemporary } from "../http/retry-temporary.js";
import type { Upload } from "./film-store.js";
import { isStored } from "./is-stored.js";
import type { UploadNotes } from "./upload-notes.js";
import { readFileRange } from "./read-file-range.js";
import type { StorageClient, StorageReply, StorageRequest } from "./storage-client.js";
import { isTemporaryStatus, readRefusal, toStorageError } from "./storage-error.js";
import { userMetadata, type UploadTarget } from "./upload-standard.js";

/** Supabase takes chunks of exactly this size; only the last one may be smaller. */
export const chunkBytes = 6 * 1024 * 1024;

/** Answers in a row that fit nothing (a wrong offset, all bytes but no object) before it is begun anew or given up. */
const maxPuzzles = 4;

const version = { "tus-resumable": "1.0.0", "x-upsert": "true" };

export interface ResumableTarget extends UploadTarget {
  readonly kept: UploadNotes;
  /** Time without progress after which temporary trouble ends the upload. */
  readonly retrySeconds: number;
}

/** One upload on its way. */
interface Journey {
  readonly client: StorageClient;
  readonly target: ResumableTarget;
  readonly upload: Upload;
  /** Path of the upload below `/storage/v1/`; null before it is created or after the server forgot it. */
  path: string | null;
  /** What the server has, as it said last. */
  offset: number;
  /** What it had at most: bytes sent again are no progress. */
  furthest: number;
  /** Some chunk of this attempt arrived. */
  moved: boolean;
  puzzles: number;
  /** An earlier attempt began it. */
  isFound: boolean;
  /** By the host for large files, until that cannot be reached. */
  isLarge: boolean;
}

/**
 * Goes on with an upload of the same file that an earlier attempt on this machine began, and recognises one that is
 * finished though its last answer was lost.
 *
 * @throws KeepsakeError of `storage/`, or what the fence throws
 */
export async function uploadResumable(
  client: StorageClient,
  target: ResumableTarget,
  upload: Upload,
): Promise<void> {
  const { kept, retrySeconds } = target;
  const path = await kept.find(upload);
  const journey: Journey = {
    client,
    target,
    upload,
    path,
    offset: 0,
    furthest: 0,
    moved: false,
    puzzles: 0,
    isFound: path !== null,
    isLarge: client.hasLargeHost,
  };
  const progress = (): number => journey.furthest;
  try {
    await retryTemporary(() => goOn(journey), { signal: upload.signal, maxSeconds: retrySeconds, progress });
  } catch (error) {
    // One that could not be brought on by a byte is not tried by the next attempt: the fault may be in it.
    if (journey.isFound && !journey.moved && !upload.signal.aborted) await kept.forget(upload);
    throw error;
  }
  await kept.forget(upload);
}

async function goOn(journey: Journey): Promise<void> {
  const { client, target, upload } = journey;
  if (journey.path !== null) await findOffset(journey);
  if (journey.path === null || journey.offset === upload.sizeBytes) {
    if (await isStored(client, target.bucket, upload)) return upload.onBytes(upload.sizeBytes);
    // It has every byte and is still busy with them, or has lost the object.
    if (journey.path !== null) await beginAnew(journey, "Storage has the whole upload, but not the object.");
    await create(journey);
  }
  while (journey.offset < upload.sizeBytes) await sendChunk(journey);
}

async function ask(
  journey: Journey,
  request: Pick<StorageRequest, "method" | "path"> & Partial<StorageRequest>,
): Promise<StorageReply> {
  const { client, upload, isLarge } = journey;
  try {
    const headers = { ...version, ...request.headers };
    return await client.send({ ...request, headers, isLarge, signal: upload.signal });
  } catch (error) {
    // A firewall may know the project's address and not this one. Both lead to the same upload.
    if (isLarge && error instanceof KeepsakeError && error.code === "storage-unavailable") {
      journey.isLarge = false;
    }
    throw error;
  }
}

async function create(journey: Journey): Promise<void> {
  const { client, target, upload } = journey;
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
  const reply = await ask(journey, {
    method: "POST",
    path: "upload/resumable",
    headers: { "upload-length": String(upload.sizeBytes), "upload-metadata": encoded.join(",") },
  });
  if (reply.status >= 300) throw refused(reply, upload);
  const { location } = reply.headers;
  if (reply.status !== 201 || typeof location !== "string") {
    throw new KeepsakeError("storage-unavailable", "What answered a resumable upload was not Storage.");
  }
  journey.path = readLocation(client, location);
  journey.offset = 0;
  journey.isFound = false;
  await target.kept.keep(upload, journey.path);
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

async function findOffset(journey: Journey): Promise<void> {
  const { upload } = journey;
  const reply = await ask(journey, { method: "HEAD", path: journey.path ?? "" });
  const isGone = reply.status === 404 || reply.status === 410;
  const isStrange = journey.isFound && reply.status >= 300 && !isTemporaryStatus(reply.status);
  if (isGone || isStrange) {
    journey.path = null;
    await journey.target.kept.forget(upload);
    return;
  }
  setOffset(journey, readOffset(reply, upload));
}

async function sendChunk(journey: Journey): Promise<void> {
  const { upload, offset: start } = journey;
  const { file, sizeBytes, onBytes, fence } = upload;
  const end = Math.min(start + chunkBytes, sizeBytes);
  let isWhole = false;
  const reply = await ask(journey, {
    method: "PATCH",
    path: journey.path ?? "",
    headers: {
      "content-type": "application/offset+octet-stream",
      "content-length": String(end - start),
      "upload-offset": String(start),
    },
    body: readFileRange({
      file,
      start,
      end,
      onBytes,
      async beforeLastPiece() {
        if (end === sizeBytes) await fence();
        isWhole = true;
      },
    }),
  });
  if (reply.status === 404 || reply.status === 410) {
    throw new KeepsakeError("storage-unavailable", "Storage no longer knows the upload; it is begun again.");
  }
  if (reply.status === 409)
    throw puzzling(journey, "Storage holds another part of the upload than was sent.");
  const offset = readOffset(reply, upload);
  if (offset <= start || offset > end || (offset === end && !isWhole)) {
    throw puzzling(journey, "Storage says that it has another part of the upload than was sent.");
  }
  setOffset(journey, offset);
  journey.moved = true;
  journey.puzzles = 0;
}

function setOffset(journey: Journey, offset: number): void {
  journey.offset = offset;
  journey.furthest = Math.max(journey.furthest, offset);
}

/** Once more after a wait, but not for ever. */
function puzzling(journey: Journey, what: string): KeepsakeError {
  journey.puzzles += 1;
  if (journey.puzzles <= maxPuzzles) return new KeepsakeError("storage-unavailable", what);
  return new KeepsakeError("storage-refused", `${what} Perhaps something else writes to the same upload.`);
}

/** @throws while it may still come right by itself */
async function beginAnew(journey: Journey, why: string): Promise<void> {
  const error = puzzling(journey, why);
  if (error.fault === "world") throw error;
  journey.puzzles = 0;
  await journey.target.kept.forget(journey.upload);
}

function readOffset(reply: StorageReply, upload: Upload): number {
  if (reply.status >= 300) throw refused(reply, upload);
  const offset = Number(reply.headers["upload-offset"]);
  if (Number.isInteger(offset) && offset >= 0 && offset <= upload.sizeBytes) return offset;
  throw new KeepsakeError("storage-unavailable", "Storage did not say how much of the upload it has.");
}

function refused(reply: StorageReply, upload: Upload): KeepsakeError {
  return toStorageError(readRefusal(reply), `take ${upload.path} as a resumable upload`);
}
