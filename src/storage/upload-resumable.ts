/**
 * Uploads a film in chunks that can be continued after a break: tus 1.0 (https://tus.io/protocols/resumable-upload),
 * core protocol and creation, as Supabase Storage implements it. The requests are in `tus-requests.ts`.
 */
import { KeepsakeError } from "../errors.js";
import { retry } from "../async/retry.js";
import type { Upload } from "./film-store.js";
import { isStored } from "./is-stored.js";
import type { StorageClient } from "./storage-client.js";
import {
  chunkBytes,
  createUpload,
  requestOffset,
  sendChunk,
  type ResumableTarget,
  type UploadState,
} from "./tus-requests.js";

/** Number of inconsistent replies in a row (a wrong offset, all bytes but no object) before the upload restarts or fails. */
const maxInconsistentReplies = 4;

/**
 * Continues an upload of the same file that an earlier attempt on this machine began, and recognises a finished upload
 * whose last reply was lost.
 *
 * @throws KeepsakeError of `storage/`, or what the fence throws
 */
export async function uploadResumable(
  client: StorageClient,
  target: ResumableTarget,
  upload: Upload,
): Promise<void> {
  const { notes, retrySeconds } = target;
  const path = await notes.find(upload);
  const state: UploadState = {
    client,
    target,
    upload,
    path,
    offset: 0,
    maxOffset: 0,
    hasSentChunk: false,
    inconsistentReplies: 0,
    isContinued: path !== null,
    usesLargeHost: client.hasLargeHost,
  };
  const progress = (): number => state.maxOffset;
  try {
    await retry(() => continueUpload(state), {
      signal: upload.signal,
      maxSeconds: retrySeconds,
      progress,
    });
  } catch (error) {
    // The upload itself may be broken: if no chunk of it arrived, the next attempt starts a new one.
    if (state.isContinued && !state.hasSentChunk && !upload.signal.aborted) await notes.remove(upload);
    throw error;
  }
  await notes.remove(upload);
}

async function continueUpload(state: UploadState): Promise<void> {
  const { client, target, upload } = state;
  if (state.path !== null) await findOffset(state);
  if (state.path === null || state.offset === upload.sizeBytes) {
    if (await isStored(client, target.bucket, upload)) return upload.onBytes(upload.sizeBytes);
    // Storage has every byte and is still processing them, or has lost the object.
    if (state.path !== null) await restart(state, "Storage has the whole upload, but not the object.");
    await createUpload(state);
  }
  while (state.offset < upload.sizeBytes) await uploadChunk(state);
}

async function findOffset(state: UploadState): Promise<void> {
  const offset = await requestOffset(state);
  if (offset !== null) return setOffset(state, offset);
  state.path = null;
  await state.target.notes.remove(state.upload);
}

async function uploadChunk(state: UploadState): Promise<void> {
  const { offset: start, upload } = state;
  const end = Math.min(start + chunkBytes, upload.sizeBytes);
  const { offset, isWhole } = await sendChunk(state, start, end);
  if (offset === null)
    throw inconsistentReply(
      state,
      "Storage rejected a chunk: its offset does not match the upload (HTTP 409).",
    );
  if (offset <= start || offset > end || (offset === end && !isWhole)) {
    throw inconsistentReply(state, "Storage reports an offset that does not match the chunk that was sent.");
  }
  setOffset(state, offset);
  state.hasSentChunk = true;
  state.inconsistentReplies = 0;
}

function setOffset(state: UploadState, offset: number): void {
  state.offset = offset;
  state.maxOffset = Math.max(state.maxOffset, offset);
}

/** Creates an error that is retried after a wait, or the final error after too many inconsistent replies in a row. */
function inconsistentReply(state: UploadState, what: string): KeepsakeError {
  state.inconsistentReplies += 1;
  if (state.inconsistentReplies <= maxInconsistentReplies) {
    return new KeepsakeError("storage-unavailable", what);
  }
  return new KeepsakeError("storage-refused", `${what} Perhaps something else writes to the same upload.`);
}

/**
 * Prepares for a new upload of the file after too many inconsistent replies.
 *
 * @throws KeepsakeError `storage-unavailable` while the replies may still become consistent
 */
async function restart(state: UploadState, why: string): Promise<void> {
  const error = inconsistentReply(state, why);
  if (error.fault === "world") throw error;
  state.inconsistentReplies = 0;
  await state.target.notes.remove(state.upload);
}
