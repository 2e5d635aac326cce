import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { z } from "zod";

import { makeOwnFolder } from "../files/make-folder.js";
import type { Upload } from "./film-store.js";
import { parseJson } from "./parse-json.js";

/**
 * Notes on disk about resumable uploads, so that the next attempt on this machine continues them after a crash. A lost
 * note costs only bytes that are sent twice, so errors of the disk are ignored.
 */
export interface UploadNotes {
  /** The path below `/storage/v1/` of an upload of exactly this file to this place; null when there is no note. */
  find(upload: Upload): Promise<string | null>;
  store(upload: Upload, uploadPath: string): Promise<void>;
  remove(upload: Upload): Promise<void>;
  /** Removes the notes of uploads to these objects of the bucket, and returns the paths of the uploads. */
  removeOf(objects: readonly string[]): Promise<readonly string[]>;
}

/** Storage removes an unfinished upload after a day. */
const maxAgeSeconds = 24 * 60 * 60;

const noteSchema = z.object({
  uploadPath: z.string().startsWith("upload/resumable/"),
  /** Bucket and project that the upload goes to. */
  place: z.string().optional(),
  /** Path in that bucket. */
  object: z.string().optional(),
});

/**
 * @param folder created with the first note
 * @param place text that identifies one bucket of one project
 */
export function createUploadNotes(folder: string, place: string): UploadNotes {
  const noteOf = ({ path: object, sizeBytes, sha256, fingerprint }: Upload): string => {
    const name = JSON.stringify([place, object, sizeBytes, sha256, fingerprint]);
    return path.join(folder, `${createHash("sha256").update(name).digest("hex")}.json`);
  };
  return {
    async find(upload) {
      const note = noteOf(upload);
      if (!(await isOwn(folder)) || (await isOld(note))) return null;
      return (await readNote(note))?.uploadPath ?? null;
    },
    async store(upload, uploadPath) {
      try {
        await makeOwnFolder(folder);
        const note = { uploadPath, place, object: upload.path };
        await writeFile(noteOf(upload), JSON.stringify(note), { mode: 0o600 });
        await removeOld(folder);
      } catch {
        // The upload continues without a note.
      }
    },
    async remove(upload) {
      await rm(noteOf(upload), { force: true }).catch(() => undefined);
    },
    async removeOf(objects) {
      const uploadPaths: string[] = [];
      const names = await readdir(folder).catch(() => []);
      if (names.length === 0 || !(await isOwn(folder))) return [];
      for (const name of names) {
        const file = path.join(folder, name);
        const note = await readNote(file);
        if (note?.place !== place || note.object === undefined || !objects.includes(note.object)) continue;
        uploadPaths.push(note.uploadPath);
        await rm(file, { force: true }).catch(() => undefined);
      }
      return uploadPaths;
    },
  };
}

async function readNote(file: string): Promise<z.output<typeof noteSchema> | null> {
  const note = noteSchema.safeParse(parseJson(await readFile(file, "utf8").catch(() => "")));
  return note.success ? note.data : null;
}

/** A note that another user wrote could direct the film to any place in the project. */
async function isOwn(folder: string): Promise<boolean> {
  return await makeOwnFolder(folder).then(
    () => true,
    () => false,
  );
}

async function isOld(note: string): Promise<boolean> {
  try {
    return (Date.now() - (await stat(note)).mtimeMs) / 1000 > maxAgeSeconds;
  } catch {
    return true;
  }
}

async function removeOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const note = path.join(folder, name);
    if (await isOld(note)) await rm(note, { force: true });
  }
}
