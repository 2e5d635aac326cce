import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { z } from "zod";

import { makeOwnFolder } from "../files/make-folder.js";
import type { Upload } from "./film-store.js";
import { parseJson } from "./parse-json.js";

/**
 * Remembers on disk where resumable uploads were begun, so that the next attempt on this machine goes on with one
 * after a crash. A note that is lost costs bytes sent twice and nothing else, so trouble with the disk is not said.
 */
export interface UploadNotes {
  /** The path below `/storage/v1/` of an upload of exactly this file to this place; null when none is known. */
  find(upload: Upload): Promise<string | null>;
  keep(upload: Upload, uploadPath: string): Promise<void>;
  forget(upload: Upload): Promise<void>;
  /** Forgets the uploads to these objects of the bucket, whatever files they were of. Returns their paths. */
  forgetObjects(objects: readonly string[]): Promise<readonly string[]>;
}

/** Storage forgets an upload after a day. */
const maxAgeSeconds = 24 * 60 * 60;

const noteSchema = z.object({
  uploadPath: z.string().startsWith("upload/resumable/"),
  /** Where the upload goes: what tells one bucket from another, and the path inside it. */
  place: z.string().optional(),
  object: z.string().optional(),
});

/**
 * @param folder made when there is something to keep
 * @param place whatever tells one bucket of one project from another
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
      const read = noteSchema.safeParse(parseJson(await readFile(note, "utf8").catch(() => "")));
      return read.success ? read.data.uploadPath : null;
    },
    async keep(upload, uploadPath) {
      try {
        await makeOwnFolder(folder);
        const note = { uploadPath, place, object: upload.path };
        await writeFile(noteOf(upload), JSON.stringify(note), { mode: 0o600 });
        await removeOld(folder);
      } catch {
        // The upload itself goes on.
      }
    },
    async forget(upload) {
      await rm(noteOf(upload), { force: true }).catch(() => undefined);
    },
    async forgetObjects(objects) {
      const uploadPaths: string[] = [];
      const names = await readdir(folder).catch(() => []);
      if (names.length === 0 || !(await isOwn(folder))) return [];
      for (const name of names) {
        const file = path.join(folder, name);
        const read = noteSchema.safeParse(parseJson(await readFile(file, "utf8").catch(() => "")));
        if (!read.success || read.data.place !== place) continue;
        const { object, uploadPath } = read.data;
        if (object === undefined || !objects.includes(object)) continue;
        uploadPaths.push(uploadPath);
        await rm(file, { force: true }).catch(() => undefined);
      }
      return uploadPaths;
    },
  };
}

/** A note that somebody else wrote could send our film anywhere in the project. */
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
