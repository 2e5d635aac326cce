import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";

import { exists, isNoFile } from "../files/is-missing.js";
import { KeepsakeError } from "../errors.js";
import { makeFolder } from "../files/make-folder.js";
import { sampleFilm, type FilmStore, type StoredFilm, type Upload } from "./film-store.js";
import { createFolderReader } from "./folder-objects.js";
import { isSafeObject } from "./object-path.js";
import {
  isPassingError,
  removeFiles,
  removeUnfinished,
  sidecarPath,
  syncFolder,
  unfinishedName,
} from "./remove-files.js";

export interface FolderStoreOptions {
  /** Contains one folder for each bucket; created with the first film. */
  readonly folder: string;
  /** Bucket of the films. */
  readonly bucket: string;
}

/** The operator's umask decides who may read the films. */
const filmFolderMode = 0o777;

const probeBytes = 1_000_000;

/** Stores films and media in a local folder: for the demo, for tests, and for machines without Supabase. */
export function createFolderStore({ folder, bucket }: FolderStoreOptions): FilmStore {
  const root = path.resolve(folder);
  return {
    description: `the folder ${path.join(root, bucket)}`,
    bucket,
    origin: null,
    check: async () => {
      await writeProbe(path.join(root, bucket));
      const filmUrl = pathToFileURL(path.join(root, bucket, sampleFilm)).href;
      return { filmUrl, isPublic: null, rejectedTypes: [] };
    },
    probe: () => writeProbe(path.join(root, bucket)),
    sizeLimitBytes: () => Promise.resolve(null),
    objects: createFolderReader(root),
    put: (upload) => putFile(root, bucket, upload),
    remove: (paths, signal) => removeFiles(path.join(root, bucket), paths, signal),
    cancelUploads: (paths) => removeUnfinished(path.join(root, bucket), paths),
    has: (film) => isFilmStored(root, bucket, film),
  };
}

/**
 * Writes a file of a small film's size and removes it again. Only this detects a folder that cannot be created or written
 * to, and a full disk. Folders that were created for the probe are removed, too.
 * @throws KeepsakeError `storage-refused` when only the operator can fix it, else `storage-unavailable`
 */
async function writeProbe(folder: string): Promise<void> {
  const file = path.join(folder, `.probe-${randomUUID()}`);
  const missing = await findMissing(folder);
  try {
    await makeFolder(folder, filmFolderMode);
    await writeFile(file, Buffer.alloc(probeBytes), { flush: true });
  } catch (error) {
    throw explainFailure(folder, error as NodeJS.ErrnoException);
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
    // A folder stays if a film has been stored in it in the meantime.
    for (const made of missing) await rmdir(made).catch(() => undefined);
  }
}

/** The folder and its parents that do not exist, the deepest first. */
async function findMissing(folder: string): Promise<string[]> {
  const missing: string[] = [];
  for (let place = folder; path.dirname(place) !== place; place = path.dirname(place)) {
    // A folder that cannot be examined exists or cannot be created. The error of writing to it explains which.
    if (await exists(place).catch(() => true)) break;
    missing.push(place);
  }
  return missing;
}

function explainFailure(folder: string, error: NodeJS.ErrnoException): KeepsakeError {
  if (isPassingError(error)) {
    return new KeepsakeError("storage-unavailable", `Could not write to ${folder}: ${error.message}.`, {
      cause: error,
    });
  }
  return new KeepsakeError(
    "storage-refused",
    `Films cannot be written to ${folder}: ${error.message}. Set KEEPSAKE_STORAGE_FOLDER to a folder that can be created and written to.`,
    { cause: error },
  );
}

async function putFile(root: string, bucket: string, upload: Upload): Promise<string> {
  if (!isSafeObject({ bucket, path: upload.path })) {
    throw new KeepsakeError("internal", `${bucket}/${upload.path} is not a path of an object.`);
  }
  const target = path.join(root, bucket, upload.path);
  const url = pathToFileURL(target).href;
  if (await isStored(target, upload)) {
    upload.onBytes(upload.sizeBytes);
    return url;
  }
  try {
    await copyFilm(target, upload);
  } catch (error) {
    upload.signal.throwIfAborted();
    if (error instanceof Error && "syscall" in error) {
      throw new KeepsakeError(
        "storage-unavailable",
        `Could not write to ${path.dirname(target)}: ${error.message}.`,
        { cause: error },
      );
    }
    throw error;
  }
  return url;
}

/** Copies under another name, syncs, then renames, so that neither a reader nor a crash finds half a film. */
async function copyFilm(target: string, upload: Upload): Promise<void> {
  await makeFolder(path.dirname(target), filmFolderMode);
  const temporary = path.join(
    path.dirname(target),
    `${unfinishedName(path.basename(target))}${randomUUID()}`,
  );
  let sentBytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sentBytes += chunk.length;
      upload.onBytes(sentBytes);
      done(null, chunk);
    },
  });
  try {
    const output = createWriteStream(temporary, { flags: "wx", flush: true });
    await pipeline(createReadStream(upload.file), count, output, { signal: upload.signal });
    await upload.fence();
    await rm(sidecarPath(target), { force: true });
    await rename(temporary, target);
    const { sha256, fingerprint, sizeBytes, contentType } = upload;
    await writeFile(sidecarPath(target), JSON.stringify({ sha256, fingerprint, sizeBytes, contentType }), {
      flush: true,
    });
    await syncFolder(path.dirname(target));
  } finally {
    await rm(temporary, { force: true });
  }
}

async function isStored(target: string, upload: Upload): Promise<boolean> {
  try {
    const known = JSON.parse(await readFile(sidecarPath(target), "utf8")) as Partial<Upload>;
    const { size } = await stat(target);
    return (
      known.sha256 === upload.sha256 && known.fingerprint === upload.fingerprint && size === upload.sizeBytes
    );
  } catch {
    return false;
  }
}

/** Whether a film is stored; without its metadata only the size is compared. */
async function isFilmStored(
  root: string,
  bucket: string,
  { path: name, fingerprint, sizeBytes }: StoredFilm,
): Promise<boolean> {
  const target = path.join(root, bucket, name);
  try {
    const { size } = await stat(target);
    const known = JSON.parse(
      await readFile(sidecarPath(target), "utf8").catch(() => "{}"),
    ) as Partial<StoredFilm>;
    return (sizeBytes ?? size) === size && (known.fingerprint ?? fingerprint) === fingerprint;
  } catch (error) {
    if (isNoFile(error) || error instanceof SyntaxError) return false;
    throw new KeepsakeError(
      "storage-unavailable",
      `Could not examine ${path.dirname(target)}: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}
