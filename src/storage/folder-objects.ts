import type { BigIntStats } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";

import { KeepsakeError } from "../errors.js";
import { isNoFile } from "../files/is-missing.js";
import { openFileBelow } from "../files/open-file-below.js";
import type { FileVersion } from "../http/file-parts.js";
import { nameBucket, type ObjectReader } from "../http/object-reader.js";
import { isSafeObject, parseBareReference } from "./object-path.js";

/** Reads media from a folder that contains one folder for each bucket. */
export function createFolderReader(root: string): ObjectReader {
  return {
    locate: (reference) => {
      const object = parseBareReference(reference);
      return object === null ? [] : [object];
    },
    async findBucket(bucket) {
      if (!isSafeObject({ bucket, path: "file" })) return "missing";
      try {
        return (await stat(path.join(root, bucket))).isDirectory() ? "private" : "missing";
      } catch (error) {
        return isNoFile(error) ? "missing" : null;
      }
    },
    addressesWithoutKey: () => [],
    async readVersion({ bucket, path: name }) {
      if (!isSafeObject({ bucket, path: name })) return null;
      const opened = await openFileBelow(root, path.join(bucket, name)).catch(() => "missing" as const);
      if (typeof opened === "string") return null;
      await using file = opened;
      return describeVersion(await file.stat({ bigint: true }));
    },
    async open({ bucket, path: name }) {
      const missing = new KeepsakeError("media-not-found", `There is no such file in ${nameBucket(bucket)}.`);
      if (!isSafeObject({ bucket, path: name })) throw missing;
      try {
        const file = await openFileBelow(root, path.join(bucket, name));
        if (typeof file === "string") throw missing;
        const version = describeVersion(await file.stat({ bigint: true }));
        return { body: file.createReadStream(), offsetBytes: 0, ...version };
      } catch (error) {
        if (error === missing || isNoFile(error)) throw missing;
        const reason = (error as NodeJS.ErrnoException).code;
        throw new KeepsakeError("media-unreachable", `Could not read ${nameBucket(bucket)}: ${reason}.`, {
          cause: error,
        });
      }
    },
  };
}

/** The time of the last change of the file's contents or metadata (ctime) cannot be set by hand. */
function describeVersion({ ino, size, mtimeNs, ctimeNs }: BigIntStats): FileVersion {
  return { sizeBytes: Number(size), validator: `"${ino}-${size}-${mtimeNs}-${ctimeNs}"` };
}
